//! Requests that took long or failed, as operators see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{SlowId, TenantId};

/// From here on a request is slow: the bound of a bucket in which requests are counted, too.
pub const SLOW_MS: u32 = 500;

/// One of them, without what it waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowLine {
    pub id: SlowId,
    /// When it came.
    pub at: DateTime<Utc>,
    pub method: String,
    /// The template that matched, or the name of a server function.
    pub route: String,
    /// 499 where its client has given it up.
    pub status: i16,
    /// Milliseconds to the beginning of its answer.
    pub took_ms: i32,
    /// Whose member asked.
    pub tenant: Option<TenantId>,
    /// The workspace's name.
    pub name: Option<String>,
}

/// One of them with all that it waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowRequest {
    pub line: SlowLine,
    /// By which its lines in the log are found.
    pub trace: String,
    /// In the order in which they began; the first is the request itself.
    pub spans: Vec<SlowSpan>,
}

/// Something that happened within it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowSpan {
    pub id: String,
    /// What it is a part of.
    pub parent: Option<String>,
    pub name: String,
    /// Milliseconds from the beginning of the request.
    pub start_ms: f64,
    pub took_ms: f64,
    /// Whether an error was logged in it.
    pub failed: bool,
}

/// The newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowPage {
    pub requests: Vec<SlowLine>,
    /// After which the next page begins, where there is one.
    pub older: Option<SlowId>,
}

impl SlowRequest {
    /// How far inside each span is, in their order: the request itself is not.
    pub fn depths(&self) -> Vec<usize> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.spans.len());
        for (place, span) in self.spans.iter().enumerate() {
            let around = self.spans[..place].iter().position(|before| Some(&before.id) == span.parent.as_ref());
            // What began before that of which it is a part, as clocks are coarse, is a part of the request.
            depths.push(if place == 0 { 0 } else { around.map_or(1, |around| depths[around] + 1) });
        }
        depths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_as_deep_as_what_it_is_a_part_of_and_one_more() {
        let span = |id: &str, parent: Option<&str>| SlowSpan {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            name: id.to_owned(),
            start_ms: 0.0,
            took_ms: 1.0,
            failed: false,
        };
        let line = SlowLine {
            id: SlowId(uuid::Uuid::nil()),
            at: DateTime::UNIX_EPOCH,
            method: "GET".into(),
            route: "/".into(),
            status: 200,
            took_ms: 600,
            tenant: None,
            name: None,
        };
        // The caller of the request is another program, and of "d" what it belongs to comes later.
        let spans = [("a", Some("x")), ("b", Some("a")), ("c", Some("b")), ("d", Some("e")), ("e", Some("a"))];
        let spans = spans.map(|(id, parent)| span(id, parent)).to_vec();
        assert_eq!(SlowRequest { line, trace: String::new(), spans }.depths(), [0, 1, 2, 1, 1]);
    }
}
