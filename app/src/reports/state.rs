//! How far a report is, and what it is about, in words.

use domain::reports::{ReportState, Scope};
use leptos::prelude::*;

use crate::ui::{Badge, Glyph, Tone, counted};

/// The state as a word.
#[component]
pub(super) fn ReportBadge(state: ReportState) -> impl IntoView {
    let (tone, glyph) = match state {
        ReportState::Waiting => (Tone::Neutral, Glyph::Clock),
        ReportState::Making => (Tone::Info, Glyph::Report),
        ReportState::Ready => (Tone::Success, Glyph::Check),
        ReportState::Failed => (Tone::Danger, Glyph::Error),
    };
    view! {
        <Badge tone glyph>
            {state.label()}
        </Badge>
    }
}

/// What a report is about.
pub(super) fn about(scope: &Scope) -> String {
    match scope {
        Scope::Documents(ids) => counted(ids.len() as u64, "chosen document", "chosen documents"),
        Scope::Search(query) => format!("Search: {query}"),
    }
}
