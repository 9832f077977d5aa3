//! Light, dark, or as the system has it.

use serde::{Deserialize, Serialize};

/// The person's choice, kept in the cookie [`ThemeChoice::COOKIE`] and written on `<html data-theme>`. The server
/// provides it as context; in the browser it is read back from the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    Light,
    Dark,
    /// No attribute is written; the style sheet follows the system.
    #[default]
    System,
}

/// Context of a page that is the same for everybody: it shows a choice by a style sheet of its own, and says nothing of it.
#[derive(Debug, Clone, Copy)]
pub struct ForEverybody;

impl ThemeChoice {
    pub const ALL: [Self; 3] = [Self::Light, Self::System, Self::Dark];
    /// The cookie's name; the form field has the same.
    pub const COOKIE: &'static str = "theme";

    /// The word in the cookie and in the form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    /// The choice with this word. Anything else follows the system.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|choice| choice.as_str() == text).unwrap_or_default()
    }

    /// The value of `data-theme`, if there is one.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.as_str())
    }

    /// The choice of the person this page is for.
    pub fn current() -> Self {
        #[cfg(feature = "hydrate")]
        let known = leptos::prelude::document()
            .document_element()
            .and_then(|root| root.get_attribute("data-theme"))
            .map(|text| Self::parse(&text));
        #[cfg(not(feature = "hydrate"))]
        let known = leptos::prelude::use_context::<Self>();
        known.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::ThemeChoice;

    #[test]
    fn an_unknown_word_follows_the_system() {
        assert_eq!(ThemeChoice::parse("dark"), ThemeChoice::Dark);
        assert_eq!(ThemeChoice::parse("\"><script>"), ThemeChoice::System);
        assert_eq!(ThemeChoice::System.attribute(), None);
    }
}
