//! Choosing a new password with the link of a mail. Fields: `token`, `password`.

use leptos::prelude::*;

use super::{carried, form_page::FormPage};
use crate::{
    routes,
    ui::{Button, ButtonKind, ButtonVariant, Field, FieldKind, Form, FormActions, HiddenField, TextLink},
};

/// The page at [`routes::RESET_PASSWORD`].
#[component]
pub fn ResetPassword() -> impl IntoView {
    view! {
        <FormPage title="Choose a new password" intro="All your other sessions will be signed out." elsewhere=elsewhere>
            <Form action=routes::RESET_PASSWORD>
                <HiddenField name="token" value=carried("token") />
                <Field
                    name="password"
                    label="New password"
                    kind=FieldKind::Password
                    hint="At least 10 characters. A few words are better than one odd one."
                    autocomplete="new-password"
                    required=true
                />
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                        "Save the new password"
                    </Button>
                </FormActions>
            </Form>
        </FormPage>
    }
}

fn elsewhere() -> impl IntoView {
    view! {
        <p>"Is the link too old? " <TextLink href=routes::FORGOT_PASSWORD>"Ask for a new one"</TextLink></p>
    }
}
