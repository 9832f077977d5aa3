//! What Stripe has told, as operators see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::TenantId;

/// As the table has it.
const MAX_TYPE_CHARACTERS: usize = 200;

/// Longer than any id of Stripe's.
const MAX_ID_CHARACTERS: usize = 100;

/// What became of something that Stripe has told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum StripeEventState {
    /// Nobody has looked into it yet.
    Received,
    Done,
    /// It changes nothing here.
    Ignored,
    /// It is about nobody who is known here, or of a kind that is not.
    Unknown,
}

impl StripeEventState {
    pub const ALL: [Self; 4] = [Self::Received, Self::Done, Self::Ignored, Self::Unknown];

    /// The word in the table and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Unknown => "unknown",
        }
    }

    /// What the screen says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Received => "Waiting",
            Self::Done => "Done",
            Self::Ignored => "Ignored",
            Self::Unknown => "Unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Something that Stripe has told, without what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripeEventLine {
    /// Stripe's own.
    pub id: String,
    /// As in `invoice.paid`.
    pub kind: String,
    /// Of Stripe's interface, by its date.
    pub api_version: Option<String>,
    /// Whom it is about, in Stripe's words.
    pub customer: Option<String>,
    /// Whose customer that is.
    pub tenant: Option<TenantId>,
    /// The workspace's name.
    pub name: Option<String>,
    /// When it happened at Stripe.
    pub created_at: DateTime<Utc>,
    /// When it was heard of first.
    pub received_at: DateTime<Utc>,
    pub state: StripeEventState,
    pub handled_at: Option<DateTime<Utc>>,
    pub note: Option<String>,
}

/// All that Stripe has said of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripeEvent {
    pub line: StripeEventLine,
    /// As JSON, a field a line.
    pub body: String,
}

/// What of it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StripeFilter {
    pub state: Option<StripeEventState>,
    pub kind: Option<String>,
    pub tenant: Option<TenantId>,
    /// After which the page begins: when it was received, and its id.
    pub after: Option<(DateTime<Utc>, String)>,
}

/// The newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripePage {
    pub events: Vec<StripeEventLine>,
    /// After which the next page begins, where there is one.
    pub older: Option<String>,
}

impl StripeFilter {
    /// From what an address says. What nobody could have meant is passed over.
    pub fn parse(state: &str, kind: &str, tenant: &str, after: &str) -> Self {
        let kind = Some(kind.trim()).filter(|kind| !kind.is_empty() && kind.chars().count() <= MAX_TYPE_CHARACTERS);
        Self {
            state: StripeEventState::parse(state.trim()),
            kind: kind.map(str::to_owned),
            tenant: tenant.trim().parse().ok(),
            after: parse_place(after),
        }
    }
}

impl StripeEventLine {
    /// The place of this one in the list, for addresses.
    pub fn place(&self) -> String {
        format!("{}.{}", self.received_at.timestamp_micros(), self.id)
    }
}

fn parse_place(text: &str) -> Option<(DateTime<Utc>, String)> {
    let (micros, id) = text.split_once('.')?;
    let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    (id.len() <= MAX_ID_CHARACTERS).then(|| (at, id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_what_it_can_mean() {
        let filter = StripeFilter::parse("done", " invoice.paid ", "acme", "1000000.evt_1");
        assert_eq!((filter.state, filter.kind.as_deref()), (Some(StripeEventState::Done), Some("invoice.paid")));
        let second = DateTime::from_timestamp(1, 0).unwrap();
        assert_eq!((filter.tenant, filter.after), (None, Some((second, "evt_1".to_owned()))));
        for after in ["", "evt_1", "x.evt_1", "99999999999999999999.evt_1", &format!("1.{}", "x".repeat(101))] {
            assert_eq!(StripeFilter::parse("", "", "", after), StripeFilter::default(), "{after}");
        }
    }

    #[test]
    fn a_state_is_read_from_its_own_word_alone() {
        for state in StripeEventState::ALL {
            assert_eq!(StripeEventState::parse(state.as_str()), Some(state));
        }
        assert_eq!(StripeEventState::parse("Done"), None);
    }
}
