//! Another workspace for somebody who is signed in. Field: `name`.

use leptos::prelude::*;

use super::form_page::FormPage;
use crate::{
    routes,
    ui::{Button, ButtonKind, ButtonVariant, Field, Form, FormActions, TextLink},
};

/// The page at [`routes::WORKSPACES`].
#[component]
pub fn NewWorkspace() -> impl IntoView {
    view! {
        <FormPage
            title="Another workspace"
            intro="Documents and people of one workspace are seen in no other. You will be its owner."
            elsewhere=elsewhere
        >
            <Form action=routes::WORKSPACES>
                <Field
                    name="name"
                    label="Workspace"
                    hint="The name of a company, a team or a matter."
                    autocomplete="organization"
                    required=true
                    max_length=100u32
                />
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit wide=true>
                        "Create workspace"
                    </Button>
                </FormActions>
            </Form>
        </FormPage>
    }
}

fn elsewhere() -> impl IntoView {
    view! {
        <p>
            <TextLink href=routes::DOCUMENTS>"Back to your documents"</TextLink>
        </p>
    }
}
