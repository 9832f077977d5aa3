//! Who may see a document.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    id::AccountId,
};

/// Who may see a document, besides whoever uploaded it. No role sees more: what is private is private from owners too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Every member.
    #[default]
    Workspace,
    /// These members.
    Private { readers: BTreeSet<AccountId> },
}

impl Visibility {
    /// Private, and shared with nobody.
    pub fn only_me() -> Self {
        Self::Private { readers: BTreeSet::new() }
    }

    /// From the word of a form. One that is not known must not publish what was meant to be private.
    pub fn parse(word: &str, readers: impl IntoIterator<Item = AccountId>) -> Result<Self> {
        match word {
            "workspace" => Ok(Self::Workspace),
            "private" => Ok(Self::Private { readers: readers.into_iter().collect() }),
            _ => Err(Error::invalid("visibility", "Choose who may see it: everybody in the workspace, or only you.")),
        }
    }

    pub fn is_private(&self) -> bool {
        matches!(self, Self::Private { .. })
    }

    /// The word in the database and in forms.
    pub fn as_str(&self) -> &'static str {
        if self.is_private() { "private" } else { "workspace" }
    }
}

/// A member, and whether a document is shared with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    pub reads: bool,
}

/// Who may see a document, and what the person who asks may do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    pub private: bool,
    /// The name of whoever uploaded it, and so always sees it.
    pub uploaded_by: String,
    /// Whether the person may change it.
    pub may_change: bool,
    /// The members it is shared with, and then the others, by name; without whoever uploaded it.
    pub members: Vec<Reader>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_words_are_taken() {
        assert_eq!(Visibility::parse("workspace", []), Ok(Visibility::Workspace));
        assert_eq!(Visibility::parse("private", []), Ok(Visibility::only_me()));
        for word in ["", "Private", "public", "private "] {
            assert!(Visibility::parse(word, []).is_err_and(|error| error.field.as_deref() == Some("visibility")));
        }
    }
}
