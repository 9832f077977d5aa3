//! What can be done with a document as a whole.

use domain::{documents::Document, id::DocumentId, roles::Action};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::state::ActForm;
use crate::{
    documents::{acts::use_acts, api::TrashDocuments, powers::Powers},
    frame::may,
    routes,
    ui::{
        Button, ButtonKind, ButtonVariant, Cluster, Gap, Glyph, HiddenField, Menu, MenuItem, MenuPost, MenuSeparator,
        MoreMenu,
    },
};

/// Download, and for those who may, report, share and trash: buttons, and in a narrow window one menu.
#[component]
pub fn Actions(document: RwSignal<Document>) -> impl IntoView {
    let powers = Powers::here();
    let may_share = may(Action::ShareDocuments);
    let id = document.with_untracked(|document| document.id);
    let text = Memo::new(move |_| document.with(|document| document.pages_read > 0));
    let is_trashed = Memo::new(move |_| document.with(|document| document.trashed_at.is_some()));
    let offer = Offer {
        id,
        text,
        report: Signal::derive(move || powers.report && text.get() && !is_trashed.get()),
        share: Signal::derive(move || may_share && !is_trashed.get()),
        trash: Signal::derive(move || powers.change && !is_trashed.get()),
        on_trash: Callback::new(trash_and_leave(id)),
    };
    view! {
        <Buttons offer />
        <NarrowMenu offer />
    }
}

/// What this person may do about the document as it is now.
#[derive(Clone, Copy)]
struct Offer {
    id: DocumentId,
    text: Memo<bool>,
    report: Signal<bool>,
    share: Signal<bool>,
    trash: Signal<bool>,
    on_trash: Callback<()>,
}

const TRASH_FORM: &str = "trash-document";

#[component]
fn Buttons(offer: Offer) -> impl IntoView {
    let Offer { id, text, report, share, trash, on_trash } = offer;
    view! {
        <Cluster gap=Gap::Small class:wide-only=true>
            <Menu id="download-menu" label="Download">
                <MenuItem href=routes::document_original(id) download=true glyph=Glyph::Download>
                    "Original file"
                </MenuItem>
                <Show when=move || text.get()>
                    <MenuItem href=routes::document_text_file(id) download=true glyph=Glyph::FileText>
                        "Text only"
                    </MenuItem>
                </Show>
            </Menu>
            <Show when=move || report.get()>
                <Button href=routes::new_report([id]) glyph=Glyph::Report>
                    "Make a report"
                </Button>
            </Show>
            <Show when=move || share.get()>
                <Button href=routes::document_sharing(id) glyph=Glyph::Lock>
                    "Share"
                </Button>
            </Show>
            <Show when=move || trash.get()>
                <ActForm id=TRASH_FORM action=TrashDocuments::url() on_send=on_trash>
                    <HiddenField name="documents[0]" value=id.to_string() />
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Ghost glyph=Glyph::Trash>
                        "Move to trash"
                    </Button>
                </ActForm>
            </Show>
        </Cluster>
    }
}

/// The same in a menu. Without scripts its last item sends the form of the button.
#[component]
fn NarrowMenu(offer: Offer) -> impl IntoView {
    let Offer { id, text, report, share, trash, on_trash } = offer;
    view! {
        <MoreMenu id=String::from("document-menu") label=String::from("Actions") class:narrow-only=true>
            <MenuItem href=routes::document_original(id) download=true glyph=Glyph::Download>
                "Download original"
            </MenuItem>
            <Show when=move || text.get()>
                <MenuItem href=routes::document_text_file(id) download=true glyph=Glyph::FileText>
                    "Download text"
                </MenuItem>
            </Show>
            <Show when=move || report.get()>
                <MenuItem href=routes::new_report([id]) glyph=Glyph::Report>
                    "Make a report"
                </MenuItem>
            </Show>
            <Show when=move || share.get()>
                <MenuItem href=routes::document_sharing(id) glyph=Glyph::Lock>
                    "Share"
                </MenuItem>
            </Show>
            <Show when=move || trash.get()>
                <MenuSeparator />
                <MenuPost
                    form=TRASH_FORM
                    action=TrashDocuments::url()
                    name="menu"
                    value=String::new()
                    danger=true
                    glyph=Glyph::Trash
                    on_choose=move || on_trash.run(())
                >
                    "Move to trash"
                </MenuPost>
            </Show>
        </MoreMenu>
    }
}

/// Moves the document to the trash and goes back to the list, where the way back is offered.
fn trash_and_leave(id: DocumentId) -> impl Fn(()) + Send + Sync + 'static {
    let acts = use_acts();
    let navigate = use_navigate();
    move |()| {
        acts.trash(vec![id]);
        navigate(routes::DOCUMENTS, NavigateOptions::default());
    }
}
