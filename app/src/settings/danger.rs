//! What cannot be taken back for ever.

use chrono::{DateTime, Utc};
use domain::{roles::Action, tenants::GRACE_DAYS};
use leptos::{context::Provider, form::ActionForm, prelude::*, server_fn::ServerFn};

use super::load_again;
use crate::{
    frame::may,
    returned::state_of,
    routes::{self, Changed},
    tenants::api::{AskDeletion, UndoDeletion},
    ui::{Button, ButtonKind, ButtonVariant, ErrorSummary, Field, FormActions, PostForm, Section, TextLink, Time},
};

/// Deleting the workspace, for owners; nothing for anybody else.
#[component]
pub fn DangerZone(
    /// The workspace's name.
    name: String,
    /// When it will be deleted, if an owner asked for that.
    delete_after: Option<DateTime<Utc>>,
) -> impl IntoView {
    may(Action::DeleteWorkspace).then(|| {
        view! {
            <Section
                title="Delete the workspace"
                description=format!("It goes on for {GRACE_DAYS} days, in which every owner can keep it. Then everything in it is gone for good.")
            >
                <p>
                    <TextLink href=routes::SETTINGS_EXPORT>"Export everything"</TextLink>
                    " first, if you may need any of it again."
                </p>
                {match delete_after {
                    Some(at) => {
                        view! {
                            <p>"It will be deleted on " <Time at absolute=true /> "."</p>
                            <PostForm id="undo-deletion" action=UndoDeletion::url()>
                                <Button kind=ButtonKind::Submit>"Undo the deletion"</Button>
                            </PostForm>
                        }
                            .into_any()
                    }
                    None => view! { <DeletionForm name /> }.into_any(),
                }}
            </Section>
        }
    })
}

#[component]
fn DeletionForm(name: String) -> impl IntoView {
    let action = ServerAction::<AskDeletion>::new();
    let state = state_of(action);
    load_again(action, Changed::DeletionAsked);
    view! {
        <Provider value=state>
            <ActionForm action attr:class="form" attr:novalidate=true>
                <ErrorSummary />
                <Field
                    name="confirmation"
                    label="Name of the workspace"
                    hint=format!("Type “{name}” to say that you mean it.")
                    autocomplete="off"
                    required=true
                />
                <FormActions>
                    <Button variant=ButtonVariant::Danger kind=ButtonKind::Submit busy=action.pending()>
                        "Delete the workspace"
                    </Button>
                </FormActions>
            </ActionForm>
        </Provider>
    }
}
