//! What happened in the last 30 days.

use super::{Answer, is_asked_for, page};
use crate::{objects::Event, params::Params, state::State};

pub fn list(state: &State, params: &Params) -> Answer {
    let (kind, kinds) = (params.text("type"), params.texts("types"));
    let mut rows = Vec::new();
    for row in state.events.newest() {
        let is_kind = kind.is_none_or(|kind| matches(kind, &row.kind))
            && (kinds.is_empty() || kinds.iter().any(|kind| matches(kind, &row.kind)));
        if is_kind && is_asked_for(params, row.created)? {
            rows.push(row);
        }
    }
    page("/v1/events", params, rows.into_iter().map(Event::json))
}

/// `invoice.*` asks for all that begin so.
fn matches(asked: &str, kind: &str) -> bool {
    asked.strip_suffix('*').map_or(asked == kind, |start| kind.starts_with(start))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.events.find(id)?.json())
}
