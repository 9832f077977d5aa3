//! Who may see a document, and the choice of it.

use domain::{
    documents::{Reader, Sharing},
    id::DocumentId,
};
use leptos::{context::Provider, form::ActionForm, prelude::*};

use super::{
    api::{ShareDocument, document_sharing},
    reader::reading::Reading,
};
use crate::{
    error::AppError,
    failure::Failure,
    returned::state_of,
    ui::{
        Button, ButtonKind, ButtonVariant, Card, Checkbox, FormActions, Gap, HiddenField, Loading, LoadingShape,
        Notice, Select, Stack, Tone,
    },
};

/// The choices, by the word of each.
pub(super) fn visibilities() -> Vec<(String, String)> {
    let choices = [("workspace", "Everybody in the workspace"), ("private", "Only me, and whom I share it with")];
    choices.map(|(word, text)| (word.to_owned(), text.to_owned())).to_vec()
}

/// Who may see the document that is open, and the form that changes it.
#[derive(Clone, Copy)]
pub(super) struct OpenSharing {
    sharing: Resource<Result<Sharing, AppError>>,
    share: ServerAction<ShareDocument>,
}

impl OpenSharing {
    /// Begins to load. Call it at the top of a page, after [`Reading::new`].
    pub fn new(reading: Reading) -> Self {
        let share = ServerAction::<ShareDocument>::new();
        // A refusal changes nothing, and leaves in the form what was chosen there.
        let saved = Memo::new(move |before: Option<&u32>| {
            let is_saved = share.value().with(|answer| matches!(answer, Some(Ok(()))));
            before.copied().unwrap_or_default() + u32::from(is_saved)
        });
        let sharing = Resource::new(
            move || (reading.id.get(), saved.get()),
            |(id, _)| async move {
                match id {
                    Some(id) => document_sharing(id).await,
                    None => Err(domain::Error::not_found().into()),
                }
            },
        );
        Self { sharing, share }
    }
}

/// The card on the page of facts.
#[component]
pub(super) fn SharingCard(id: DocumentId) -> impl IntoView {
    let OpenSharing { sharing, share } = expect_context();
    let refused = move || {
        let error = share.value().get()?.err()?;
        Some(view! { <Notice tone=Tone::Danger>{error.message().to_owned()}</Notice> })
    };
    let answer = move |answer: Result<Sharing, AppError>| match answer {
        Ok(sharing) if sharing.may_change => view! { <Choice id sharing share /> }.into_any(),
        Ok(sharing) => view! { <p>{told(&sharing)}</p> }.into_any(),
        Err(error) => view! { <Failure error /> }.into_any(),
    };
    view! {
        <Card title="Who may see it" attr:id="sharing">
            <Stack gap=Gap::Medium>
                {refused}
                <Transition fallback=|| {
                    view! { <Loading label="Loading who may see it" shape=LoadingShape::Text /> }
                }>{move || sharing.get().map(answer)}</Transition>
            </Stack>
        </Card>
    }
}

#[component]
fn Choice(id: DocumentId, sharing: Sharing, share: ServerAction<ShareDocument>) -> impl IntoView {
    let told = told(&sharing);
    let chosen = if sharing.private { "private" } else { "workspace" };
    view! {
        <p>{told}</p>
        <Provider value=state_of(share)>
            <ActionForm action=share attr:class="form">
                <HiddenField name="document" value=id.to_string() />
                <Select
                    name="visibility"
                    label="Who may see it"
                    options=visibilities()
                    value=Signal::stored(chosen.to_owned())
                />
                <Others members=sharing.members />
                <FormActions>
                    <Button variant=ButtonVariant::Primary kind=ButtonKind::Submit busy=share.pending()>
                        "Save who may see it"
                    </Button>
                </FormActions>
            </ActionForm>
        </Provider>
    }
}

/// A box for each member whom it may be shared with.
#[component]
fn Others(members: Vec<Reader>) -> impl IntoView {
    (!members.is_empty()).then(|| {
        let members = members.into_iter().enumerate().map(|(place, reader)| view! { <Member place reader /> });
        let members = members.collect_view();
        view! {
            <fieldset>
                <legend class="field-label">"Share a private document with"</legend>
                <Stack gap=Gap::Small>{members}</Stack>
            </fieldset>
        }
    })
}

#[component]
fn Member(place: usize, reader: Reader) -> impl IntoView {
    view! {
        <Checkbox
            name=format!("readers[{place}]")
            label=reader.name
            hint=reader.email
            value=reader.account.to_string()
            checked=Signal::stored(reader.reads)
        />
    }
}

/// Who sees it now, in a sentence.
fn told(sharing: &Sharing) -> String {
    if !sharing.private {
        return "Everybody in the workspace may see this document.".into();
    }
    let readers = sharing.members.iter().filter(|reader| reader.reads).map(|reader| reader.name.as_str());
    let names: Vec<_> = [sharing.uploaded_by.as_str()].into_iter().chain(readers).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => {
            format!("Only {} and {last} may see this document.", others.join(", "))
        }
        _ => format!("Only {} may see this document. Owners and admins may not.", sharing.uploaded_by),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sees_it_is_told_by_name() {
        let reader = |name: &str, reads| Reader {
            account: "018f0000-0000-7000-8000-000000000001".parse().expect("a UUID"),
            name: name.into(),
            email: String::new(),
            reads,
        };
        let mut sharing = Sharing {
            private: true,
            uploaded_by: "Ada".into(),
            may_change: true,
            members: vec![reader("Bob", true), reader("Eve", false)],
        };
        assert_eq!(told(&sharing), "Only Ada and Bob may see this document.");
        sharing.members[1].reads = true;
        assert_eq!(told(&sharing), "Only Ada, Bob and Eve may see this document.");
        sharing.members.clear();
        assert!(told(&sharing).starts_with("Only Ada may see"));
        sharing.private = false;
        assert!(told(&sharing).starts_with("Everybody"));
    }
}
