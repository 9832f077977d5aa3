//! What can be switched, and how.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    id::TenantId,
};

/// A part of the product that can be switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Feature {
    /// Taking files in.
    Uploads,
    /// Having documents read again.
    ReadAgain,
}

impl Feature {
    pub const ALL: [Self; 2] = [Self::Uploads, Self::ReadAgain];

    /// The word in the database. It stays.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploads => "uploads",
            Self::ReadAgain => "read_again",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == key)
    }

    /// What it is, for operators.
    pub fn description(self) -> &'static str {
        match self {
            Self::Uploads => "Taking new files in. Where it is off, members read that uploads are paused.",
            Self::ReadAgain => {
                "Having documents read again: one, some or all of a workspace. Where it is off, members read that it is paused, \
                 and what was asked for before waits."
            }
        }
    }

    /// How it is where nobody has switched it.
    pub fn usual(self) -> SwitchState {
        match self {
            Self::Uploads | Self::ReadAgain => SwitchState::On,
        }
    }

    /// What people are told who ask for it where it is off.
    pub fn refusal(self) -> &'static str {
        match self {
            Self::Uploads => {
                "Uploads are paused: they are switched off for now. Nothing that is here is lost; please try again later."
            }
            Self::ReadAgain => {
                "Reading again is paused: it is switched off for now. Nothing that is here is lost; please try again later."
            }
        }
    }
}

/// For whom a feature is on, who are not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SwitchState {
    Off,
    On,
    /// For this share of the workspaces, in per cent.
    Percentage(u8),
}

impl SwitchState {
    /// The word in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Percentage(_) => "percentage",
        }
    }

    /// 0 for what has none.
    pub fn percent(self) -> u8 {
        match self {
            Self::Percentage(percent) => percent,
            Self::Off | Self::On => 0,
        }
    }

    #[cfg(feature = "server")]
    pub(crate) fn stored(word: &str, percent: i16) -> Self {
        match word {
            "on" => Self::On,
            "percentage" => Self::Percentage(u8::try_from(percent).unwrap_or(0).min(100)),
            _ => Self::Off,
        }
    }

    /// From a form. Fails at the fields `state` and `percent`.
    pub fn parse(state: &str, percent: &str) -> Result<Self> {
        match state {
            "off" => Ok(Self::Off),
            "on" => Ok(Self::On),
            "percentage" => {
                let percent = percent.trim().parse().ok().filter(|percent| *percent <= 100);
                percent
                    .map(Self::Percentage)
                    .ok_or_else(|| Error::invalid("percent", "Give a whole number from 0 to 100."))
            }
            _ => Err(Error::invalid("state", "Choose for whom it is on.")),
        }
    }

    /// "On for 20 % of the workspaces".
    pub fn label(self) -> String {
        match self {
            Self::Off => "Off".into(),
            Self::On => "On".into(),
            Self::Percentage(percent) => format!("On for {percent} % of the workspaces"),
        }
    }
}

/// Where a workspace stands, whatever the state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Allow,
    Deny,
    /// As the state says.
    Neither,
}

impl Place {
    /// The word in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Neither => "neither",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Allow, Self::Deny, Self::Neither].into_iter().find(|place| place.as_str() == word)
    }
}

/// A feature as it was switched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    pub key: String,
    pub state: SwitchState,
    pub allowed: Vec<TenantId>,
    pub denied: Vec<TenantId>,
    pub changed_at: DateTime<Utc>,
}

/// A feature in the operators' list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchLine {
    pub key: String,
    /// None where this version has no such feature.
    pub feature: Option<Feature>,
    pub state: SwitchState,
    /// With their names; those that are deleted have none.
    pub allowed: Vec<(TenantId, Option<String>)>,
    pub denied: Vec<(TenantId, Option<String>)>,
    /// None where nobody has ever switched it.
    pub changed_at: Option<DateTime<Utc>>,
}

/// Who changed what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchChange {
    pub changed_by: String,
    pub change: String,
    pub changed_at: DateTime<Utc>,
}

/// All features, and what was changed lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchPlan {
    pub lines: Vec<SwitchLine>,
    pub changes: Vec<SwitchChange>,
}
