//! The way in for operators. Fields: `email`, `password`, `code`.

use leptos::prelude::*;

use crate::{
    accounts::form_page::FormPage,
    routes,
    ui::{Button, ButtonKind, ButtonVariant, Field, FieldKind, Form, FormActions},
};

/// The page at [`routes::OPERATOR_SIGN_IN`].
#[component]
pub fn OperatorSignIn() -> impl IntoView {
    view! {
        <FormPage title="Operators" intro="For those who run this Sheaf.">
            <Form action=routes::OPERATOR_SIGN_IN>
                <Field name="email" label="E-mail" kind=FieldKind::Email autocomplete="username" required=true />
                <Field
                    name="password"
                    label="Password"
                    kind=FieldKind::Password
                    autocomplete="current-password"
                    required=true
                />
                <Field
                    name="code"
                    label="Code"
                    hint="The six digits that your authenticator app shows now."
                    autocomplete="one-time-code"
                    required=true
                    max_length=7u32
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
