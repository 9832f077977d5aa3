//! What can be done with a document as a whole.

use domain::{documents::Document, roles::Action};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::state::ActForm;
use crate::{
    documents::{acts::use_acts, api::TrashDocuments, powers::Powers},
    frame::may,
    routes,
    ui::{Button, ButtonKind, ButtonVariant, Glyph, HiddenField, Menu, MenuItem},
};

/// Download, and for those who may, report, share and trash.
#[component]
pub fn Actions(document: RwSignal<Document>) -> impl IntoView {
    let id = document.with_untracked(|document| document.id);
    let powers = Powers::here();
    let has_text = Memo::new(move |_| document.with(|document| document.pages_read > 0));
    let may_share = may(Action::ShareDocuments);
    let is_trashed = Memo::new(move |_| document.with(|document| document.trashed_at.is_some()));
    view! {
        <Menu id="download-menu" label="Download">
            <MenuItem href=routes::document_original(id) download=true glyph=Glyph::Download>
                "Original file"
            </MenuItem>
            <Show when=move || has_text.get()>
                <MenuItem href=routes::document_text_file(id) download=true glyph=Glyph::FileText>
                    "Text only"
                </MenuItem>
            </Show>
        </Menu>
        <Show when=move || powers.report && has_text.get() && !is_trashed.get()>
            <Button href=routes::new_report([id]) glyph=Glyph::Report>
                "Make a report"
            </Button>
        </Show>
        <Show when=move || may_share && !is_trashed.get()>
            <Button href=routes::document_sharing(id) glyph=Glyph::Lock>
                "Share"
            </Button>
        </Show>
        <Show when=move || powers.change && !is_trashed.get()>
            <TrashButton document />
        </Show>
    }
}

/// Moves the document to the trash and goes back to the list, where the way back is offered.
#[component]
fn TrashButton(document: RwSignal<Document>) -> impl IntoView {
    let id = document.with_untracked(|document| document.id);
    let acts = use_acts();
    let navigate = use_navigate();
    let trash = move |()| {
        acts.trash(vec![id]);
        navigate(routes::DOCUMENTS, NavigateOptions::default());
    };
    view! {
        <ActForm id="trash-document" action=TrashDocuments::url() on_send=trash>
            <HiddenField name="documents[0]" value=id.to_string() />
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Ghost glyph=Glyph::Trash>
                "Move to trash"
            </Button>
        </ActForm>
    }
}
