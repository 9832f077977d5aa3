//! The frame of a document's views: its head, how far it is read, and the tabs.

use domain::{documents::Document, id::DocumentId};
use leptos::{prelude::*, task::spawn_local};

use super::{actions::Actions, reading::Reading, state::StateNotice};
use crate::{
    documents::{reader_api::find_document, state_badge::StateBadge},
    failure::Failure,
    live::{Subject, use_changes},
    routes,
    ui::{Badge, Crumb, Glyph, Loading, LoadingShape, PageHeader, PageTitle, Tab, Tabs, bytes, counted},
};

/// One way to look at a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Pages,
    Text,
    Facts,
}

/// The frame around one view, which is made anew for another document and follows the changes of this one.
#[component]
pub fn DocumentFrame(reading: Reading, view: View, content: fn(RwSignal<Document>) -> AnyView) -> impl IntoView {
    provide_context(reading);
    let open = move || {
        Suspend::new(async move {
            match reading.document.await {
                Ok(document) => view! { <Opened reading view content document /> }.into_any(),
                Err(error) => view! { <Failure error /> }.into_any(),
            }
        })
    };
    view! {
        <Transition fallback=|| {
            view! { <Loading label="Opening the document" shape=LoadingShape::Page /> }
        }>{open}</Transition>
    }
}

#[component]
fn Opened(
    reading: Reading,
    view: View,
    content: fn(RwSignal<Document>) -> AnyView,
    document: Document,
) -> impl IntoView {
    let id = document.id;
    let document = RwSignal::new(document);
    follow(id, document);
    let title = Memo::new(move |_| document.with(|document| document.display_title().to_owned()));
    let line = Memo::new(move |_| document.with(facts_line));
    let state = Memo::new(move |_| document.with(|document| document.state));
    let private = Memo::new(move |_| document.with(|document| document.private));
    view! {
        <PageTitle text=title />
        <PageHeader title description=line crumbs=vec![Crumb::new("Documents", routes::DOCUMENTS)]>
            {move || view! { <StateBadge state=state.get() pages=None pages_read=0 /> }}
            {move || private.get().then(|| view! { <Badge glyph=Glyph::Lock>"Private"</Badge> })}
            <Actions document />
        </PageHeader>
        <StateNotice document />
        <ViewTabs reading id view />
        {content(document)}
    }
}

#[component]
fn ViewTabs(reading: Reading, id: DocumentId, view: View) -> impl IntoView {
    let place = reading.place;
    view! {
        <Tabs label="Views of this document">
            <Tab href=Signal::derive(move || place.get().href(id)) current=view == View::Pages>
                "Pages"
            </Tab>
            <Tab href=Signal::derive(move || place.get().text_href(id)) current=view == View::Text>
                "Text"
            </Tab>
            <Tab href=routes::document_facts(id) current=view == View::Facts>
                "Facts"
            </Tab>
        </Tabs>
    }
}

/// Loads the document again whenever it changes. In the browser only, as nothing changes for the server.
fn follow(id: DocumentId, document: RwSignal<Document>) {
    let changes = use_changes(Subject::Document(id));
    let shown = StoredValue::new(0_u64);
    Effect::new(move |before: Option<u64>| {
        let now = changes.get();
        if before.is_some_and(|before| before != now) {
            spawn_local(async move {
                // What could not be loaded now is loaded with the next change; meanwhile the page shows what it knows.
                let Ok(changed) = find_document(id).await else { return };
                // An answer that comes after that to a later question is older than what is shown, and the page may be gone.
                if shown.try_get_value().is_some_and(|shown| shown < now) {
                    shown.set_value(now);
                    document.set(changed);
                }
            });
        }
        now
    });
}

/// The first facts of a document, in a line: "PDF, 14 pages, 1.4 MB, added by Ada".
fn facts_line(document: &Document) -> String {
    let mut facts = vec![document.format.label().to_owned()];
    if let Some(pages) = document.pages {
        facts.push(counted(pages.unsigned_abs().into(), "page", "pages"));
    }
    facts.push(bytes(document.bytes.unsigned_abs()));
    facts.push(format!("added by {}", document.uploaded_by));
    facts.join(", ")
}
