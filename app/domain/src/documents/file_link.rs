//! A link to a file of a document, for a program that has no cookie of ours.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Document;

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkedFile {
    /// The file as it was uploaded.
    Original,
    /// The image of a page, from 1.
    Page(u32),
}

/// A link, which whoever has it may follow until it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLink {
    /// What lets in, fit for an address.
    pub token: String,
    /// What the address ends with: programs go by it.
    pub name: String,
    pub until: DateTime<Utc>,
}

/// The longest ending of a name that is one, in characters.
const LONGEST_ENDING: usize = 8;

impl LinkedFile {
    /// The name that its address ends with. It says what kind of file it is and nothing of the document: an address stands in logs.
    pub fn name(self, document: &Document) -> String {
        match self {
            Self::Original => format!("original.{}", ending(document)),
            Self::Page(number) => format!("page-{number}.png"),
        }
    }
}

/// As the file was called, so that it is opened by what has made it.
fn ending(document: &Document) -> String {
    let ending = document.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_one =
        (1..=LONGEST_ENDING).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_one { ending.to_ascii_lowercase() } else { document.format.as_str().to_owned() }
}
