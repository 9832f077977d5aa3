//! The language of a document: which dictionary indexes it, and which code is kept.

use whatlang::Lang;

/// Below this the guess is no better than a coin, and the plain dictionary serves.
const MIN_CONFIDENCE: f64 = 0.2;

/// A language as it was detected, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language(Option<Lang>);

impl Language {
    /// Guesses from a sample of some thousand characters.
    pub fn detect(sample: &str) -> Self {
        Self(whatlang::detect(sample).filter(|info| info.confidence() >= MIN_CONFIDENCE).map(|info| info.lang()))
    }

    /// Itself, or the other where it is not known.
    #[must_use]
    pub fn or(self, other: Option<Self>) -> Self {
        if self.0.is_some() { self } else { other.unwrap_or(self) }
    }

    /// From a kept code.
    pub fn from_code(code: &str) -> Self {
        Self(Lang::from_code(code))
    }

    /// ISO 639-3, or none where the language is not known.
    pub fn code(self) -> Option<&'static str> {
        self.0.map(|language| language.code())
    }

    /// The text search configuration of the migrations that indexes this language.
    pub fn config(self) -> &'static str {
        match self.0 {
            Some(Lang::Ara) => "sheaf_arabic",
            Some(Lang::Dan) => "sheaf_danish",
            Some(Lang::Nld) => "sheaf_dutch",
            Some(Lang::Eng) => "sheaf_english",
            Some(Lang::Fin) => "sheaf_finnish",
            Some(Lang::Fra) => "sheaf_french",
            Some(Lang::Deu) => "sheaf_german",
            Some(Lang::Ell) => "sheaf_greek",
            Some(Lang::Hun) => "sheaf_hungarian",
            Some(Lang::Ita) => "sheaf_italian",
            Some(Lang::Nob) => "sheaf_norwegian",
            Some(Lang::Por) => "sheaf_portuguese",
            Some(Lang::Ron) => "sheaf_romanian",
            Some(Lang::Rus) => "sheaf_russian",
            Some(Lang::Spa) => "sheaf_spanish",
            Some(Lang::Swe) => "sheaf_swedish",
            Some(Lang::Tur) => "sheaf_turkish",
            _ => "sheaf_simple",
        }
    }
}

/// Every configuration that a page may have.
pub(crate) const CONFIGS: [&str; 18] = [
    "sheaf_arabic",
    "sheaf_danish",
    "sheaf_dutch",
    "sheaf_english",
    "sheaf_finnish",
    "sheaf_french",
    "sheaf_german",
    "sheaf_greek",
    "sheaf_hungarian",
    "sheaf_italian",
    "sheaf_norwegian",
    "sheaf_portuguese",
    "sheaf_romanian",
    "sheaf_russian",
    "sheaf_simple",
    "sheaf_spanish",
    "sheaf_swedish",
    "sheaf_turkish",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenants::DOCUMENT_LANGUAGES;

    #[test]
    fn detects_and_reads_back() {
        let german = Language::detect("Der Vertrag wird zwischen den Parteien geschlossen und gilt für drei Jahre.");
        assert_eq!((german.code(), german.config()), (Some("deu"), "sheaf_german"));
        assert_eq!(Language::from_code("deu"), german);
        assert_eq!(Language::detect("").config(), "sheaf_simple");
        assert!(CONFIGS.contains(&german.config()));
    }

    #[test]
    fn the_default_serves_where_nothing_is_detected() {
        let (german, nothing) = (Language::from_code("deu"), Language::detect("4711"));
        assert_eq!(nothing.or(Some(german)), german);
        assert_eq!(nothing.or(None), nothing);
        assert_eq!(german.or(Some(Language::from_code("fra"))), german);
    }

    #[test]
    fn every_default_language_has_a_dictionary() {
        for (code, name) in DOCUMENT_LANGUAGES {
            let language = Language::from_code(code);
            assert_eq!(language.code(), Some(code));
            assert_eq!(language.config(), format!("sheaf_{}", name.to_lowercase()));
        }
    }
}
