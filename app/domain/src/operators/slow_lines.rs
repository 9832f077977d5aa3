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
    /// Whether it was answered with a status of 500 or more, or an error was logged in it; what is switched off has not failed.
    pub failed: bool,
}

/// One of them with all that it waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowRequest {
    pub line: SlowLine,
    /// By which its lines in the log are found, and the reference that its sender was shown.
    pub trace: String,
    /// What was logged of the first error in it: 500 characters at most.
    pub error: Option<String>,
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

/// Which of them are asked for. One that took long and failed is among both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SlowFilter {
    #[default]
    All,
    Failed,
    Slow,
}

/// The newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowPage {
    pub requests: Vec<SlowLine>,
    /// After which the next page begins, where there is one.
    pub older: Option<SlowId>,
}

impl SlowFilter {
    pub const ALL: [Self; 3] = [Self::All, Self::Failed, Self::Slow];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Failed => "failed",
            Self::Slow => "slow",
        }
    }

    /// What the screen says.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Failed => "Failed",
            Self::Slow => "Slow",
        }
    }

    /// All of them where it is none of these words.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|filter| filter.as_str() == text).unwrap_or_default()
    }
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
            failed: false,
        };
        // The caller of the request is another program, and of "d" what it belongs to comes later.
        let spans = [("a", Some("x")), ("b", Some("a")), ("c", Some("b")), ("d", Some("e")), ("e", Some("a"))];
        let spans = spans.map(|(id, parent)| span(id, parent)).to_vec();
        assert_eq!(SlowRequest { line, trace: String::new(), error: None, spans }.depths(), [0, 1, 2, 1, 1]);
    }
}
