//! What people see of the audit log, and what they ask of it.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Act;
use crate::id::{AccountId, DocumentId, ReportId};

/// What an entry is about, where that is something to open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    Document { id: DocumentId, title: String },
    Report { id: ReportId, title: String },
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3 and so on, in the order in which they were written.
    pub number: i64,
    pub at: DateTime<Utc>,
    pub account: Option<AccountId>,
    /// The person's name; none where Sheaf itself acted.
    pub who: Option<String>,
    /// The word of the act, which a newer Sheaf may have written.
    pub act: String,
    /// None where it is gone, or is not the reader's to see.
    pub subject: Option<Subject>,
    /// The network address that it was done from.
    pub from: Option<String>,
    /// Small facts, by name.
    pub facts: Vec<(String, String)>,
}

impl Entry {
    /// What was done, as people read it.
    pub fn what(&self) -> &str {
        match Act::parse(&self.act) {
            Some(act) => act.label(),
            None => &self.act,
        }
    }
}

/// Somebody whose acts can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub account: AccountId,
    pub name: String,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditListing {
    pub entries: Vec<Entry>,
    /// The number before which the next page begins; none on the last.
    pub next: Option<i64>,
}

/// Which entries are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditQuery {
    pub person: Option<AccountId>,
    pub act: Option<Act>,
    /// Done on or after this day, as `2026-11-21`.
    pub from: Option<NaiveDate>,
    /// Done on or before this day.
    pub to: Option<NaiveDate>,
    /// Only entries before this number.
    pub before: Option<i64>,
}

impl AuditQuery {
    /// What an address asks for, whose values `value` gives by name. One that means nothing is passed over.
    pub fn read<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text = |name: &str| value(name).filter(|value| !value.is_empty());
        Self {
            person: text("person").and_then(|id| id.parse().ok()),
            act: text("act").and_then(Act::parse),
            from: text("from").and_then(day),
            to: text("to").and_then(day),
            before: text("before").and_then(|number| number.parse().ok()),
        }
    }

    /// What an address says for it, as short as it can be. Nothing in it needs to be encoded.
    pub fn write(&self) -> String {
        let values = [
            ("person", self.person.map(|id| id.to_string())),
            ("act", self.act.map(|act| act.as_str().to_owned())),
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
            ("before", self.before.map(|number| number.to_string())),
        ];
        let pairs: Vec<_> =
            values.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}={value}"))).collect();
        pairs.join("&")
    }

    /// Whether it leaves entries out, wherever its page begins.
    pub fn filters(&self) -> bool {
        *self != Self { before: self.before, ..Self::default() }
    }
}

/// A day that both sides know: calendars here reach further than the database's.
fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok().filter(|day: &NaiveDate| (1..=9999).contains(&day.year()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read(address: &str) -> AuditQuery {
        let values: HashMap<&str, &str> = address.split('&').filter_map(|pair| pair.split_once('=')).collect();
        AuditQuery::read(|name| values.get(name).copied())
    }

    #[test]
    fn an_address_reads_back() {
        let address =
            "person=018f0000-0000-7000-8000-000000000001&act=report.asked&from=2026-11-01&to=2026-11-21&before=9";
        assert_eq!(read(address).write(), address);
        assert!(read(address).filters() && !read("before=9").filters());
    }

    #[test]
    fn nonsense_is_passed_over() {
        assert_eq!(read("person=ada&act=nothing&from=yesterday&to=-4800-01-01&before="), AuditQuery::default());
    }
}
