//! The address of a workspace: short, readable, and its alone.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// In characters. Shorter ones are too few for everybody, and longer ones are no help; the table has the same limits.
const MIN: usize = 3;
const MAX: usize = 40;

/// Of a suggestion, so that a suffix still fits.
const MAX_SUGGESTED: usize = 30;

/// Where the name gives none.
const NAMELESS: &str = "team";

/// What a page or a host of ours is called or may be called, and what would pass for one.
const RESERVED: [&str; 54] = [
    "about",
    "account",
    "accounts",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "blog",
    "cdn",
    "contact",
    "demo",
    "dev",
    "docs",
    "documents",
    "download",
    "events",
    "help",
    "home",
    "invite",
    "legal",
    "localhost",
    "login",
    "mail",
    "mailbox",
    "new",
    "operator",
    "owner",
    "pricing",
    "privacy",
    "public",
    "reports",
    "root",
    "search",
    "security",
    "settings",
    "sheaf",
    "sign-in",
    "sign-out",
    "sign-up",
    "static",
    "status",
    "support",
    "system",
    "terms",
    "test",
    "tenant",
    "tenants",
    "uploads",
    "webhooks",
    "workspace",
    "workspaces",
    "www",
];

/// Lowercase letters, digits and dashes, with neither end a dash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slug(String);

impl Slug {
    /// Fails on what is no address or is kept for Sheaf itself. The form field is `slug`.
    pub fn parse(text: &str) -> Result<Self> {
        let slug = text.trim().to_lowercase();
        if !(MIN..=MAX).contains(&slug.len()) {
            return Err(Error::invalid("slug", format!("Use {MIN} to {MAX} characters.")));
        }
        if !slug.bytes().all(is_allowed) || slug.starts_with('-') || slug.ends_with('-') {
            return Err(Error::invalid("slug", "Use letters from a to z, digits, and dashes between them."));
        }
        if RESERVED.contains(&slug.as_str()) {
            return Err(Error::invalid("slug", format!("“{slug}” is kept for Sheaf itself. Choose another one.")));
        }
        Ok(Self(slug))
    }

    /// The address that a workspace of this name is likely to want.
    pub fn suggest(name: &str) -> Self {
        let words = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), " ");
        let joined = words.split_whitespace().collect::<Vec<_>>().join("-");
        let short = joined.get(..MAX_SUGGESTED).unwrap_or(&joined).trim_matches('-');
        Self::parse(short).unwrap_or_else(|_| Self(NAMELESS.into()))
    }

    /// Another one, where this one is taken. The suffix is letters and digits, at most nine.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let short = self.0.get(..MAX_SUGGESTED).unwrap_or(&self.0).trim_end_matches('-');
        Self(format!("{short}-{suffix}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_letters_digits_and_dashes() {
        assert_eq!(Slug::parse(" Acme-2026 ").unwrap().as_str(), "acme-2026");
        let long = "a".repeat(41);
        for text in ["", "ab", "-acme", "acme-", "ac me", "acme!", "äcme", "a/b", "acme.example", &long] {
            let error = Slug::parse(text).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("slug"), "{text:?}");
        }
    }

    #[test]
    fn what_is_ours_is_reserved() {
        for slug in RESERVED {
            assert!(Slug::parse(slug).is_err(), "{slug}");
        }
        assert!(Slug::parse("WWW").unwrap_err().message.contains("kept for Sheaf"));
    }

    #[test]
    fn a_name_suggests_an_address_that_is_good() {
        let suggested = |name: &str| Slug::suggest(name).as_str().to_owned();
        assert_eq!(suggested("Acme"), "acme");
        assert_eq!(suggested("  Globex Ltd. & Sons "), "globex-ltd-sons");
        assert_eq!(suggested("Ä"), "team");
        assert_eq!(suggested("API"), "team");
        for name in ["The Great Northern Book Binding Company of Ada", "a-b-c", &"x".repeat(100), "日本語の会社", ""]
        {
            let slug = Slug::suggest(name);
            assert!(Slug::parse(slug.as_str()).is_ok(), "{name}: {slug:?}");
            let other = slug.with_suffix("0123abcd");
            assert!(Slug::parse(other.as_str()).is_ok_and(|parsed| parsed == other), "{name}: {other:?}");
        }
    }
}
