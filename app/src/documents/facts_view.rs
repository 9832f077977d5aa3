//! All that is known of a document.

use chrono::{DateTime, Utc};
use domain::documents::Document;
use leptos::prelude::*;

use super::{
    file_link::{LinkCard, OpenLink},
    reader::{
        frame::{DocumentFrame, View},
        reading::Reading,
    },
    sharing::{OpenSharing, SharingCard},
};
use crate::ui::{Card, Columns, Fact, Facts, Time, bytes, grouped};

/// The page at [`routes::document_facts`](crate::routes::document_facts).
#[component]
pub fn FactsView() -> impl IntoView {
    let reading = Reading::new();
    provide_context(OpenSharing::new(reading));
    provide_context(OpenLink::new(reading));
    view! {
        <DocumentFrame
            reading
            view=View::Facts
            content=|document| view! { <AllFacts document /> <Shared document /> <LinkCard document /> }.into_any()
        />
    }
}

#[component]
fn Shared(document: RwSignal<Document>) -> impl IntoView {
    let id = document.with_untracked(|document| document.id);
    view! { <SharingCard id /> }
}

#[component]
fn AllFacts(document: RwSignal<Document>) -> impl IntoView {
    move || {
        let document = document.get();
        let sha256 = document.sha256.clone();
        let language = document.language_name().map(str::to_owned);
        let (name, added_by) = (document.name.clone(), document.uploaded_by.clone());
        let (written, changed, added, read) =
            (document.authored_at, document.modified_at, document.created_at, document.read_at);
        let (title, author) = (document.title.clone(), document.author.clone());
        let (counted_pages, counted_words) = (document.pages.map(pages), words(&document));
        let (format, state) = (document.format.label().to_owned(), document.state.label().to_owned());
        let size = bytes(document.bytes.unsigned_abs());
        view! {
            <Columns>
                <Card title="What it says of itself">
                    <Facts>
                        <TextFact label="Title" value=title />
                        <TextFact label="Author" value=author />
                        <TextFact label="Language" value=language />
                        <TimeFact label="Written" at=written />
                        <TimeFact label="Changed" at=changed />
                        <TextFact label="Pages" value=counted_pages />
                        <TextFact label="Words" value=counted_words />
                    </Facts>
                </Card>
                <Card title="The file">
                    <Facts>
                        <TextFact label="Name" value=Some(name) />
                        <TextFact label="Format" value=Some(format) />
                        <TextFact label="Size" value=Some(size) />
                        <TextFact label="State" value=Some(state) />
                        <TextFact label="Added by" value=Some(added_by) />
                        <TimeFact label="Added" at=Some(added) />
                        <TimeFact label="Read" at=read />
                        <Fact label="SHA-256" code=true>
                            {sha256}
                        </Fact>
                    </Facts>
                </Card>
            </Columns>
        }
    }
}

#[component]
fn TextFact(label: &'static str, value: Option<String>) -> impl IntoView {
    let value = value.filter(|value| !value.trim().is_empty()).unwrap_or_else(|| UNKNOWN.into());
    view! { <Fact label>{value}</Fact> }
}

#[component]
fn TimeFact(label: &'static str, at: Option<DateTime<Utc>>) -> impl IntoView {
    view! {
        <Fact label>
            {match at {
                Some(at) => view! { <Time at absolute=true /> }.into_any(),
                None => UNKNOWN.into_any(),
            }}
        </Fact>
    }
}

const UNKNOWN: &str = "Not known";

fn pages(pages: i32) -> String {
    grouped(pages.unsigned_abs().into())
}

/// Known only once something was read.
fn words(document: &Document) -> Option<String> {
    (document.pages_read > 0).then(|| grouped(document.words.unsigned_abs()))
}
