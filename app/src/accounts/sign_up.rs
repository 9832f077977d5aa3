//! A new account with its workspace. Fields: `name`, `workspace`, `email`, `password`, and the plan that was picked.

use domain::billing::TRIAL_DAYS;
use leptos::prelude::*;

use super::{
    MailSent,
    form_page::{FormPage, MailOnItsWay},
    picked::{PickedFields, picked, way_to_sign_in},
};
use crate::{
    routes,
    ui::{Button, ButtonKind, ButtonVariant, Field, FieldKind, Form, FormActions, TextLink},
};

/// The page at [`routes::SIGN_UP`]; with a [`MailSent`] in context it says that the mail is on its way.
#[component]
pub fn SignUp() -> impl IntoView {
    match use_context::<MailSent>() {
        Some(sent) => view! {
            <FormPage title="Check your mail">
                <MailOnItsWay>
                    "A mail is on its way to " <strong>{sent.email}</strong>
                    ". Open the link in it to confirm your address, and your workspace is ready."
                </MailOnItsWay>
            </FormPage>
        }
        .into_any(),
        None => view! {
            <FormPage title="Create a workspace" intro=intro() elsewhere=elsewhere>
                <SignUpForm />
            </FormPage>
        }
        .into_any(),
    }
}

#[component]
fn SignUpForm() -> impl IntoView {
    view! {
        <Form action=routes::SIGN_UP>
            <PickedFields />
            <Field name="name" label="Your name" autocomplete="name" required=true max_length=100u32 />
            <Field
                name="workspace"
                label="Workspace"
                hint="Your company or team. Only its members see what is in it."
                autocomplete="organization"
                required=true
                max_length=100u32
            />
            <Field name="email" label="E-mail" kind=FieldKind::Email autocomplete="email" required=true />
            <Field
                name="password"
                label="Password"
                kind=FieldKind::Password
                hint="At least 10 characters. A few words are better than one odd one."
                autocomplete="new-password"
                required=true
            />
            <FormActions>
                <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                    "Create workspace"
                </Button>
            </FormActions>
        </Form>
    }
}

fn intro() -> String {
    let begin = "It takes a minute, and no card is needed.";
    picked().map_or_else(
        || begin.to_owned(),
        |picked| {
            let plan = picked.plan().label();
            format!("{begin} Then you can buy the {plan} plan, or try Sheaf for {TRIAL_DAYS} days first.")
        },
    )
}

fn elsewhere() -> impl IntoView {
    view! {
        <p>"Already with us? " <TextLink href=way_to_sign_in()>"Sign in"</TextLink></p>
    }
}
