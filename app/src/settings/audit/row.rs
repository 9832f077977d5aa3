//! One entry of the log.

use domain::audit::{AuditQuery, Entry, Subject};
use leptos::prelude::*;

use super::address;
use crate::{
    routes,
    ui::{Cell, Glyph, Row, RowTitle, TextLink, Time, grouped},
};

/// What was done leads to what it was done to, and the person to everything else that they did.
#[component]
pub(super) fn EntryRow(entry: Entry, query: AuditQuery) -> impl IntoView {
    let what = entry.what().to_owned();
    let note = note_of(&entry);
    let (glyph, href) = match &entry.subject {
        Some(Subject::Document { id, .. }) => (Glyph::Document, Some(routes::document(id))),
        Some(Subject::Report { id, .. }) => (Glyph::Report, Some(routes::report(id))),
        None => (glyph_of(&entry.act), None),
    };
    // The note is whole: nothing else tells what is in it.
    let title = view! { <RowTitle title=what href note whole=true glyph /> }.into_any();
    let who = match (entry.account, entry.who) {
        (Some(account), name) => {
            let name = name.unwrap_or_else(|| "Somebody who is gone".to_owned());
            let theirs = address(&AuditQuery { person: Some(account), before: None, ..query });
            view! {
                <TextLink href=theirs quiet=true>
                    {name}
                </TextLink>
            }
            .into_any()
        }
        (None, _) => "Sheaf".into_any(),
    };
    view! {
        <Row>
            <Cell primary=true>{title}</Cell>
            <Cell>{who}</Cell>
            <Cell muted=true>
                <Time at=entry.at />
            </Cell>
            <Cell muted=true hide_narrow=true>
                {entry.from}
            </Cell>
            <Cell numeric=true muted=true hide_narrow=true>
                {grouped(entry.number.unsigned_abs())}
            </Cell>
        </Row>
    }
}

/// What it was done to, and the small facts: "Lease.pdf · role: viewer".
fn note_of(entry: &Entry) -> String {
    let title = entry.subject.as_ref().map(|subject| match subject {
        Subject::Document { title, .. } | Subject::Report { title, .. } => title.clone(),
    });
    let facts = entry.facts.iter().map(|(name, value)| format!("{name}: {value}"));
    title.into_iter().chain(facts).collect::<Vec<_>>().join(" · ")
}

/// By what the act is about, which is the first part of its word.
fn glyph_of(act: &str) -> Glyph {
    match act.split_once('.').map_or(act, |(about, _)| about) {
        "account" | "member" | "invite" | "support" => Glyph::Person,
        "document" => Glyph::Document,
        "report" => Glyph::Report,
        "mail" => Glyph::Mail,
        "audit" => Glyph::Download,
        "job" | "work" => Glyph::Activity,
        _ => Glyph::Settings,
    }
}
