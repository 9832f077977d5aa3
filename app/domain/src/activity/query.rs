//! What is asked of the list, and what it answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Activity;
use crate::id::JobId;

/// Which jobs are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    #[default]
    All,
    UnderWay,
    Failed,
    /// And cancelled: nothing more will come of it.
    Done,
}

impl Shown {
    pub const ALL: [Self; 4] = [Self::All, Self::UnderWay, Self::Failed, Self::Done];

    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::UnderWay => "under-way",
            Self::Failed => "failed",
            Self::Done => "done",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::UnderWay => "In progress",
            Self::Failed => "Failed",
            Self::Done => "Done",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.as_str() == word)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityQuery {
    pub shown: Shown,
    /// Only what is over and was asked for before this.
    pub before: Option<JobId>,
}

impl ActivityQuery {
    /// What an address asks for, whose values `value` gives by name. One that means nothing is passed over.
    pub fn read<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self {
            shown: value("show").and_then(Shown::parse).unwrap_or_default(),
            before: value("before").and_then(|id| id.parse().ok()),
        }
    }

    /// What an address says for it, as short as it can be. Nothing in it needs to be encoded.
    pub fn write(self) -> String {
        let shown = (self.shown != Shown::All).then(|| format!("show={}", self.shown.as_str()));
        let before = self.before.map(|id| format!("before={id}"));
        shown.into_iter().chain(before).collect::<Vec<_>>().join("&")
    }

    /// Whether what is under way belongs to this page: it stands on the first alone.
    pub fn shows_under_way(self) -> bool {
        self.before.is_none() && matches!(self.shown, Shown::All | Shown::UnderWay)
    }
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityListing {
    /// What runs, and what waits in the order of its turn: the first hundred.
    pub under_way: Vec<Activity>,
    /// More is under way than stands here. Then what is over is left to its own pages.
    pub more_under_way: bool,
    /// What is over, the latest first, fifty a page.
    pub finished: Vec<Activity>,
    /// Where the next page begins; none on the last.
    pub next: Option<JobId>,
    /// When it was so, by the clock of the database: what runs has run until then.
    pub at: DateTime<Utc>,
}

impl ActivityListing {
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty() && self.finished.is_empty()
    }

    /// One of its jobs.
    pub fn find(&self, id: JobId) -> Option<&Activity> {
        self.under_way.iter().chain(&self.finished).find(|job| job.id == id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read(address: &str) -> ActivityQuery {
        let values: HashMap<&str, &str> = address.split('&').filter_map(|pair| pair.split_once('=')).collect();
        ActivityQuery::read(|name| values.get(name).copied())
    }

    #[test]
    fn an_address_reads_back_and_nonsense_is_passed_over() {
        for address in ["", "show=failed", "show=under-way", "before=018f0000-0000-7000-8000-000000000001"] {
            assert_eq!(read(address).write(), address);
        }
        assert_eq!(read("show=everything&before=9"), ActivityQuery::default());
    }

    #[test]
    fn what_is_under_way_stands_on_the_first_page_alone() {
        assert!(read("").shows_under_way() && read("show=under-way").shows_under_way());
        assert!(!read("before=018f0000-0000-7000-8000-000000000001").shows_under_way());
        assert!(!read("show=failed").shows_under_way());
    }
}
