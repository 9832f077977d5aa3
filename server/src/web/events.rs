//! What changes in the workspace, told to the browser as it happens (server-sent events).

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt};

use super::{AppState, session::SignedInMember};

/// A stream ends after this, and the browser opens it anew: so it is asked again who it is.
const MAX_AGE: Duration = Duration::from_secs(4 * 60);

/// Longer silences would be cut by proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub async fn events(
    State(state): State<AppState>,
    SignedInMember(member): SignedInMember,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stopping = state.shutdown.stopping.clone();
    let until = async move {
        tokio::select! {
            () = tokio::time::sleep(MAX_AGE) => {}
            () = stopping.cancelled_owned() => {}
        }
    };
    let changes = state.services.live.subscribe(member.tenant, member.account);
    let events = changes.map(|change| {
        let data = serde_json::json!({ "kind": change.kind, "id": change.id });
        Ok(Event::default().event("change").data(data.to_string()))
    });
    // The first word says that the stream is open: whatever happens from here on is told.
    let opened = futures::stream::iter([Ok(Event::default().event("open").data("{}").retry(Duration::from_secs(1)))]);
    Sse::new(opened.chain(events).take_until(until)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
