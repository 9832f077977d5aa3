//! Asking for a new password. Field: `email`.

use leptos::prelude::*;

use super::{
    MailSent,
    form_page::{FormPage, MailOnItsWay},
};
use crate::{
    routes,
    ui::{Button, ButtonKind, ButtonVariant, Field, FieldKind, Form, FormActions, TextLink},
};

/// The page at [`routes::FORGOT_PASSWORD`]; with a [`MailSent`] in context it says that the mail is on its way.
#[component]
pub fn ForgotPassword() -> impl IntoView {
    match use_context::<MailSent>() {
        Some(sent) => view! {
            <FormPage title="Check your mail" elsewhere=elsewhere>
                <MailOnItsWay>
                    "If there is an account for " <strong>{sent.email}</strong>
                    ", a mail is on its way there. The link in it lets you choose a new password."
                </MailOnItsWay>
            </FormPage>
        }
        .into_any(),
        None => view! {
            <FormPage title="Forgot your password?" intro="We send you a link to choose a new one." elsewhere=elsewhere>
                <Form action=routes::FORGOT_PASSWORD>
                    <Field name="email" label="E-mail" kind=FieldKind::Email autocomplete="username" required=true />
                    <FormActions>
                        <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                            "Send the link"
                        </Button>
                    </FormActions>
                </Form>
            </FormPage>
        }
        .into_any(),
    }
}

fn elsewhere() -> impl IntoView {
    view! {
        <p>
            <TextLink href=routes::SIGN_IN>"Back to sign in"</TextLink>
        </p>
    }
}
