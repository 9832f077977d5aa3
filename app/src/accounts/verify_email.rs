//! Confirming an address. Fields: `token`, and the plan that was picked.
//!
//! The link of the mail opens this page and the button posts: programs that open every link in a mail must not use it
//! up.

use leptos::prelude::*;

use super::{
    carried,
    form_page::FormPage,
    picked::{PickedFields, way_to_sign_in},
};
use crate::{
    routes,
    ui::{Button, ButtonKind, ButtonVariant, Form, FormActions, HiddenField, TextLink},
};

/// The page at [`routes::VERIFY`].
#[component]
pub fn VerifyEmail() -> impl IntoView {
    view! {
        <FormPage title="Confirm your address" intro="One press, and your workspace is ready." elsewhere=elsewhere>
            <Form action=routes::VERIFY>
                <HiddenField name="token" value=carried("token") />
                <PickedFields />
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                        "Confirm and go on"
                    </Button>
                </FormActions>
            </Form>
        </FormPage>
    }
}

fn elsewhere() -> impl IntoView {
    view! {
        <p>"Is the link too old? " <TextLink href=way_to_sign_in()>"Sign in"</TextLink> " and get a new one."</p>
    }
}
