//! An export as people see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{id::ExportId, progress::Progress};

/// How long an archive can be downloaded. It holds everything, so it does not lie around.
pub const KEPT_DAYS: i64 = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    Waiting,
    Making,
    Ready,
    Failed,
}

impl ExportState {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Making => "making",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Making, Self::Ready, Self::Failed].into_iter().find(|state| state.as_str() == text)
    }

    /// What the screen says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Making => "Being made",
            Self::Ready => "Ready",
            Self::Failed => "Could not be made",
        }
    }

    pub fn is_busy(self) -> bool {
        matches!(self, Self::Waiting | Self::Making)
    }
}

/// An archive of a workspace, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    pub id: ExportId,
    pub state: ExportState,
    /// What the person is told when it failed.
    pub failure: Option<String>,
    pub bytes: Option<i64>,
    /// Lowercase hexadecimal.
    pub sha256: Option<String>,
    /// Documents in it.
    pub documents: Option<i64>,
    pub asked_by: String,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// While it is being made.
    pub progress: Option<Progress>,
}
