//! What a list of documents is asked for, and what it answers. Pagination is by key: the place of the last row, not a
//! number of rows to skip, so that page 1,000 costs as much as page 1 and nothing is shown twice.

#[cfg(feature = "server")]
use chrono::Datelike;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{DocumentState, Format, ImagesDigest, reading::Failure};
use crate::id::DocumentId;

/// Rows on a page.
#[cfg(feature = "server")]
pub(super) const PAGE_ROWS: i64 = 50;

/// Up to how many documents it is told how many a filter finds. So many may be moved to the trash by their filter.
pub const MOST_COUNTED: i64 = 1_000;

/// Documents that are looked at to count those, the newest first. It takes milliseconds, where a large workspace takes seconds.
#[cfg(feature = "server")]
pub(super) const LOOKED_AT: i64 = 10_000;

/// Documents in one act that names each. The list shows 50.
pub const MAX_AT_ONCE: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    #[default]
    Newest,
    Oldest,
    Name,
    NameDescending,
    Largest,
    Smallest,
}

impl Sort {
    pub const ALL: [Self; 6] =
        [Self::Newest, Self::Oldest, Self::Name, Self::NameDescending, Self::Largest, Self::Smallest];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Name => "name",
            Self::NameDescending => "name_descending",
            Self::Largest => "largest",
            Self::Smallest => "smallest",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
            Self::Name => "Name, A to Z",
            Self::NameDescending => "Name, Z to A",
            Self::Largest => "Largest first",
            Self::Smallest => "Smallest first",
        }
    }
}

/// Which states a list shows: one, the busy ones, or those that need a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateFilter {
    Busy,
    Read,
    Failed,
    Stored,
}

impl StateFilter {
    pub const ALL: [Self; 4] = [Self::Busy, Self::Read, Self::Failed, Self::Stored];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Stored => "stored",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Busy => "Being read",
            Self::Read => "Read",
            Self::Failed => "Needs attention",
            Self::Stored => "Kept, not read",
        }
    }

    pub fn states(self) -> &'static [DocumentState] {
        match self {
            Self::Busy => &[DocumentState::Waiting, DocumentState::Reading],
            Self::Read => &[DocumentState::Read, DocumentState::PartlyRead],
            Self::Failed => {
                &[DocumentState::Unreadable, DocumentState::Cancelled, DocumentState::PartlyRead, DocumentState::Held]
            }
            Self::Stored => &[DocumentState::Stored],
        }
    }
}

/// The last row of the page before: its value in the order, and its id as the tie-break. As text it is
/// `value~id`, opaque to whoever passes it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub value: String,
    pub id: DocumentId,
}

impl Cursor {
    pub fn parse(text: &str) -> Option<Self> {
        let (value, id) = text.rsplit_once('~')?;
        Some(Self { value: value.to_owned(), id: id.parse().ok()? })
    }

    pub fn to_text(&self) -> String {
        format!("{}~{}", self.value, self.id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListQuery {
    pub sort: Sort,
    pub format: Option<Format>,
    pub state: Option<StateFilter>,
    /// Added on or after this day, as `2026-11-21`.
    pub added_from: Option<NaiveDate>,
    /// Added on or before this day.
    pub added_to: Option<NaiveDate>,
    /// The trash instead of the documents.
    pub trash: bool,
    pub after: Option<Cursor>,
}

impl ListQuery {
    /// Whether it leaves documents out.
    pub fn is_filtered(&self) -> bool {
        self.format.is_some() || self.state.is_some() || self.added_from.is_some() || self.added_to.is_some()
    }

    /// The filters as a word of at most 40 characters: the same for all lists of the same documents, whatever their order.
    #[cfg(feature = "server")]
    pub(super) fn filter_word(&self) -> String {
        // Nothing was added before the first day of 1970.
        let from = self.added_from.filter(|day| *day > NaiveDate::default());
        let day = |day: Option<NaiveDate>| day.map(|day| day.num_days_from_ce().to_string()).unwrap_or_default();
        let format = self.format.map(Format::as_str).unwrap_or_default();
        let state = self.state.map(StateFilter::as_str).unwrap_or_default();
        format!("{format}/{state}/{}/{}", day(from), day(self.added_to))
    }
}

/// What a list shows of a document. It stands in every page of the list, so it has no more than that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedDocument {
    pub id: DocumentId,
    /// The file's name, cleaned.
    pub name: String,
    pub format: Format,
    pub bytes: i64,
    pub state: DocumentState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    pub title: Option<String>,
    /// Known once the document was opened.
    pub pages: Option<i32>,
    pub pages_read: i32,
    pub words: i64,
    pub has_images: bool,
    /// As in [`Document`](super::Document).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<ImagesDigest>,
    /// Not every member sees it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    pub created_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<DateTime<Utc>>,
}

impl ListedDocument {
    /// The title it gives itself, or the file's name.
    pub fn display_title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    pub documents: Vec<ListedDocument>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
    /// All documents that are not in the trash, whatever the filter, and that the member may see.
    pub total: i64,
    /// Where filters leave more than a page: how many they find, or [`MOST_COUNTED`] and one where it is more. None where it is a
    /// few of so many that nobody counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_whatever_its_value() {
        let id = DocumentId(uuid::Uuid::from_u128(5));
        for value in ["", "report.pdf", "a~b~c", "2026-11-21T12:00:00.000001Z"] {
            let cursor = Cursor { value: value.into(), id };
            assert_eq!(Cursor::parse(&cursor.to_text()), Some(cursor));
        }
        assert_eq!(Cursor::parse("nonsense"), None);
    }

    #[cfg(feature = "server")]
    #[test]
    fn filters_that_find_the_same_have_the_same_short_word() {
        let (from, to) = (NaiveDate::MIN.succ_opt(), Some(NaiveDate::MAX));
        let all = ListQuery { state: Some(StateFilter::Stored), added_to: to, ..ListQuery::default() };
        let sorted = ListQuery { sort: Sort::Largest, added_from: from, ..all.clone() };
        assert_eq!(all.filter_word(), sorted.filter_word());
        for format in Format::ALL {
            let query = ListQuery { format: Some(format), added_from: to, ..all.clone() };
            assert!(query.filter_word().len() <= 40, "{}", query.filter_word());
            assert_ne!(query.filter_word(), all.filter_word());
        }
        assert!(all.is_filtered() && !ListQuery { sort: Sort::Name, ..ListQuery::default() }.is_filtered());
    }
}
