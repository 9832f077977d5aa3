//! The way in. Fields: `email`, `password`, `next` (a path of the app to go on to, or empty), and the plan that was picked.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    carried,
    form_page::FormPage,
    picked::{PickedFields, way_to_sign_up},
};
use crate::{
    routes::{self, Done},
    ui::{Button, ButtonKind, ButtonVariant, Field, FieldKind, Form, FormActions, HiddenField, Notice, TextLink, Tone},
};

/// The page at [`routes::SIGN_IN`]. `?done=` says what was just done, `?next=` where to go on.
#[component]
pub fn SignIn() -> impl IntoView {
    let done = use_query_map().with_untracked(|query| query.get("done")).and_then(|done| Done::parse(&done));
    view! {
        <FormPage title="Sign in" elsewhere=elsewhere>
            {done.map(|done| view! { <Notice tone=Tone::Success>{sentence(done)}</Notice> })}
            <Form action=routes::SIGN_IN>
                <HiddenField name="next" value=carried("next") />
                <PickedFields />
                <Field name="email" label="E-mail" kind=FieldKind::Email autocomplete="username" required=true />
                <Field
                    name="password"
                    label="Password"
                    kind=FieldKind::Password
                    autocomplete="current-password"
                    required=true
                />
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                        "Sign in"
                    </Button>
                </FormActions>
            </Form>
        </FormPage>
    }
}

fn sentence(done: Done) -> &'static str {
    match done {
        Done::Verified => "Your address is confirmed. Sign in to go on.",
        Done::PasswordChanged => "Your password is changed. Sign in with the new one.",
        Done::SignedOut => "You are signed out.",
    }
}

fn elsewhere() -> impl IntoView {
    view! {
        <p>
            <TextLink href=routes::FORGOT_PASSWORD>"Forgot your password?"</TextLink>
        </p>
        <p>"New here? " <TextLink href=way_to_sign_up()>"Create a workspace"</TextLink></p>
    }
}
