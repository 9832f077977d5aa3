//! What a workspace may decide for itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long the trash may keep, in days.
pub const TRASH_DAYS: std::ops::RangeInclusive<i32> = 1..=365;

/// Languages that a document may be taken for in which none can be told: those that have a dictionary, by their codes of
/// ISO 639-3 and their names.
pub const DOCUMENT_LANGUAGES: [(&str, &str); 17] = [
    ("ara", "Arabic"),
    ("dan", "Danish"),
    ("nld", "Dutch"),
    ("eng", "English"),
    ("fin", "Finnish"),
    ("fra", "French"),
    ("deu", "German"),
    ("ell", "Greek"),
    ("hun", "Hungarian"),
    ("ita", "Italian"),
    ("nob", "Norwegian"),
    ("por", "Portuguese"),
    ("ron", "Romanian"),
    ("rus", "Russian"),
    ("spa", "Spanish"),
    ("swe", "Swedish"),
    ("tur", "Turkish"),
];

/// The languages that Sheaf speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text"))]
pub enum ScreenLanguage {
    #[serde(rename = "en")]
    #[cfg_attr(feature = "server", sqlx(rename = "en"))]
    English,
}

impl ScreenLanguage {
    pub const ALL: [Self; 1] = [Self::English];

    /// The code of ISO 639-1, as in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }

    /// Its name, in itself.
    pub fn label(self) -> &'static str {
        match self {
            Self::English => "English",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

/// The settings of a workspace as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantSettings {
    pub name: String,
    pub slug: String,
    /// Changes with each logo; none where there is none.
    pub logo: Option<Uuid>,
    /// A name of the IANA database.
    pub time_zone: String,
    pub language: ScreenLanguage,
    /// One of [`DOCUMENT_LANGUAGES`], or none for "as it can be told".
    pub document_language: Option<String>,
    pub trash_days: i32,
    /// When the workspace will be deleted, if an owner asked for that.
    pub delete_after: Option<DateTime<Utc>>,
}

/// The form as it was sent.
#[derive(Debug, Clone, Default)]
pub struct SettingsForm {
    pub name: String,
    pub slug: String,
    pub time_zone: String,
    pub language: String,
    /// Empty for "as it can be told".
    pub document_language: String,
    pub trash_days: String,
}

#[cfg(feature = "server")]
pub use checked::NewSettings;

#[cfg(feature = "server")]
mod checked {
    use super::{DOCUMENT_LANGUAGES, ScreenLanguage, SettingsForm, TRASH_DAYS, TenantSettings};
    use crate::{
        accounts,
        error::{Error, Result},
        tenants::{Slug, Zone},
    };

    /// A checked form.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NewSettings {
        pub name: String,
        pub slug: Slug,
        pub time_zone: String,
        pub language: ScreenLanguage,
        pub document_language: Option<String>,
        pub trash_days: i32,
    }

    impl NewSettings {
        /// Fails with the first field that is wrong.
        pub fn parse(form: &SettingsForm) -> Result<Self> {
            Ok(Self {
                name: accounts::parse_name("name", &form.name, "Enter a name for your workspace.")?,
                slug: Slug::parse(&form.slug)?,
                time_zone: parse_time_zone(&form.time_zone)?,
                language: ScreenLanguage::parse(&form.language)
                    .ok_or_else(|| Error::invalid("language", "Sheaf does not speak this language."))?,
                document_language: parse_document_language(&form.document_language)?,
                trash_days: parse_trash_days(&form.trash_days)?,
            })
        }

        /// The names of the fields in which it differs.
        pub fn changes_of(&self, before: &TenantSettings) -> Vec<&'static str> {
            let fields = [
                ("name", self.name != before.name),
                ("slug", self.slug.as_str() != before.slug),
                ("time_zone", self.time_zone != before.time_zone),
                ("language", self.language != before.language),
                ("document_language", self.document_language != before.document_language),
                ("trash_days", self.trash_days != before.trash_days),
            ];
            fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
        }
    }

    fn parse_time_zone(text: &str) -> Result<String> {
        if Zone::names().any(|name| name == text) {
            Ok(text.to_owned())
        } else {
            Err(Error::invalid("time_zone", "Choose a time zone of the list."))
        }
    }

    fn parse_document_language(text: &str) -> Result<Option<String>> {
        match text {
            "" => Ok(None),
            known if DOCUMENT_LANGUAGES.iter().any(|(code, _)| *code == known) => Ok(Some(known.to_owned())),
            _ => Err(Error::invalid("document_language", "Choose a language of the list.")),
        }
    }

    fn parse_trash_days(text: &str) -> Result<i32> {
        let days = text.trim().parse().ok().filter(|days| TRASH_DAYS.contains(days));
        days.ok_or_else(|| {
            let (least, most) = (TRASH_DAYS.start(), TRASH_DAYS.end());
            Error::invalid("trash_days", format!("Enter a number of days from {least} to {most}."))
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn form() -> SettingsForm {
            SettingsForm {
                name: " Acme ".into(),
                slug: "acme".into(),
                time_zone: "Europe/Berlin".into(),
                language: "en".into(),
                document_language: String::new(),
                trash_days: "30".into(),
            }
        }

        #[test]
        fn each_field_says_what_is_wrong_with_it() {
            let good = NewSettings::parse(&form()).unwrap();
            assert_eq!((good.name.as_str(), good.trash_days, good.document_language), ("Acme", 30, None));
            let long = "x".repeat(101);
            for (field, wrong) in [
                ("name", SettingsForm { name: " ".into(), ..form() }),
                ("name", SettingsForm { name: "\u{7} \u{7}".into(), ..form() }),
                ("name", SettingsForm { name: long, ..form() }),
                ("slug", SettingsForm { slug: "api".into(), ..form() }),
                ("time_zone", SettingsForm { time_zone: "Europe/Atlantis".into(), ..form() }),
                ("time_zone", SettingsForm { time_zone: "europe/berlin".into(), ..form() }),
                ("language", SettingsForm { language: "tlh".into(), ..form() }),
                ("document_language", SettingsForm { document_language: "tlh".into(), ..form() }),
                ("trash_days", SettingsForm { trash_days: "0".into(), ..form() }),
                ("trash_days", SettingsForm { trash_days: "366".into(), ..form() }),
                ("trash_days", SettingsForm { trash_days: "soon".into(), ..form() }),
            ] {
                let error = NewSettings::parse(&wrong).unwrap_err();
                assert_eq!(error.field.as_deref(), Some(field), "{wrong:?}");
            }
        }

        #[test]
        fn what_differs_is_told_by_name() {
            let before = TenantSettings {
                name: "Acme".into(),
                slug: "acme".into(),
                logo: None,
                time_zone: "UTC".into(),
                language: ScreenLanguage::English,
                document_language: None,
                trash_days: 7,
                delete_after: None,
            };
            assert_eq!(NewSettings::parse(&form()).unwrap().changes_of(&before), ["time_zone", "trash_days"]);
        }
    }
}
