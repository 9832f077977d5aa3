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
        RowMenu,
    },
};

/// Download, and for those who may, report, share and trash: buttons, and in a narrow window one menu.
#[component]
pub fn Actions(document: RwSignal<Document>) -> impl IntoView {
    let id = document.with_untracked(|document| document.id);
    let powers = Powers::here();
    let has_text = Memo::new(move |_| document.with(|document| document.pages_read > 0));
    let may_share = may(Action::ShareDocuments);
    let is_trashed = Memo::new(move |_| document.with(|document| document.trashed_at.is_some()));
    let may_report = move || powers.report && has_text.get() && !is_trashed.get();
    let may_share = move || may_share && !is_trashed.get();
    let may_trash = move || powers.change && !is_trashed.get();
    let trash = Callback::new(trash_and_leave(id));
    let text = move |label: &'static str| {
        let item = move || {
            view! {
                <MenuItem href=routes::document_text_file(id) download=true glyph=Glyph::FileText>
                    {label}
                </MenuItem>
            }
        };
        move || has_text.get().then(item)
    };
    view! {
        <Cluster gap=Gap::Small class:wide-only=true>
            <Menu id="download-menu" label="Download">
                <MenuItem href=routes::document_original(id) download=true glyph=Glyph::Download>
                    "Original file"
                </MenuItem>
                {text("Text only")}
            </Menu>
            <Show when=may_report>
                <Button href=routes::new_report([id]) glyph=Glyph::Report>
                    "Make a report"
                </Button>
            </Show>
            <Show when=may_share>
                <Button href=routes::document_sharing(id) glyph=Glyph::Lock>
                    "Share"
                </Button>
            </Show>
            <Show when=may_trash>
                <ActForm id=TRASH_FORM action=TrashDocuments::url() on_send=trash>
                    <HiddenField name="documents[0]" value=id.to_string() />
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Ghost glyph=Glyph::Trash>
                        "Move to trash"
                    </Button>
                </ActForm>
            </Show>
        </Cluster>
        <RowMenu id=String::from("document-menu") label=String::from("Actions") class:narrow-only=true>
            <MenuItem href=routes::document_original(id) download=true glyph=Glyph::Download>
                "Download original"
            </MenuItem>
            {text("Download text")}
            {move || {
                may_report()
                    .then(|| {
                        view! {
                            <MenuItem href=routes::new_report([id]) glyph=Glyph::Report>
                                "Make a report"
                            </MenuItem>
                        }
                    })
            }}
            {move || {
                may_share()
                    .then(|| {
                        view! {
                            <MenuItem href=routes::document_sharing(id) glyph=Glyph::Lock>
                                "Share"
                            </MenuItem>
                        }
                    })
            }}
            {move || {
                may_trash()
                    .then(|| {
                        view! {
                            <MenuSeparator />
                            <MenuPost
                                form=TRASH_FORM
                                action=TrashDocuments::url()
                                name="menu"
                                value=String::new()
                                danger=true
                                glyph=Glyph::Trash
                                on_choose=move || trash.run(())
                            >
                                "Move to trash"
                            </MenuPost>
                        }
                    })
            }}
        </RowMenu>
    }
}

const TRASH_FORM: &str = "trash-document";

/// Moves the document to the trash and goes back to the list, where the way back is offered.
fn trash_and_leave(id: DocumentId) -> impl Fn(()) + Send + Sync + 'static {
    let acts = use_acts();
    let navigate = use_navigate();
    move |()| {
        acts.trash(vec![id]);
        navigate(routes::DOCUMENTS, NavigateOptions::default());
    }
}
