//! Holding work up, and letting it go on. Fields: `kind` or `tenant`; `pause_reason`, `confirm`.

use leptos::{context::Provider, prelude::*};

use super::form_states::state_of;
use crate::{
    routes,
    ui::{
        Button, ButtonKind, ButtonSize, ButtonVariant, Checkbox, Field, Form, FormActions, HiddenField, PostForm,
        Select,
    },
};

/// Asks for a reason and to confirm; without a `tenant`, for one of the `kinds` too.
#[component]
pub(super) fn PauseForm(
    /// The workspace that is to be held up.
    tenant: Option<String>,
    /// Those that there are: one that is mistyped would be held up too, and the one that is meant go on.
    #[prop(optional)]
    kinds: Vec<String>,
) -> impl IntoView {
    let confirm = if tenant.is_some() { "Yes, hold all its work up" } else { "Yes, hold it up in all workspaces" };
    view! {
        <Provider value=state_of(&["pause_reason", "kind", "confirm"])>
            <Form action=routes::OPERATOR_PAUSE>
                <What tenant kinds />
                <Field
                    name="pause_reason"
                    label="Reason for holding it up"
                    hint="At least 10 characters. The members of a workspace that is held up read it."
                    required=true
                    max_length=500u32
                />
                <Checkbox name="confirm" label=confirm />
                <FormActions>
                    <Button variant=ButtonVariant::Danger kind=ButtonKind::Submit>
                        "Hold up"
                    </Button>
                </FormActions>
            </Form>
        </Provider>
    }
}

#[component]
fn What(tenant: Option<String>, kinds: Vec<String>) -> impl IntoView {
    let kinds = kinds.into_iter().map(|kind| (kind.clone(), kind));
    let options: Vec<_> = std::iter::once((String::new(), "Choose one".to_owned())).chain(kinds).collect();
    match tenant {
        Some(tenant) => view! { <HiddenField name="tenant" value=tenant /> }.into_any(),
        None => view! { <Select name="kind" label="Kind of work" options /> }.into_any(),
    }
}

/// A button that lets a kind, or a workspace, go on.
#[component]
pub(super) fn ResumeButton(
    /// Unique on the page.
    id: String,
    kind: Option<String>,
    tenant: Option<String>,
    /// "Resume mail".
    label: String,
) -> impl IntoView {
    view! {
        <PostForm id action=routes::OPERATOR_RESUME>
            {kind.map(|kind| view! { <HiddenField name="kind" value=kind /> })}
            {tenant.map(|tenant| view! { <HiddenField name="tenant" value=tenant /> })}
            <Button kind=ButtonKind::Submit size=ButtonSize::Small>
                {label}
            </Button>
        </PostForm>
    }
}
