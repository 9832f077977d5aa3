//! A job as people see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Wait, Work, wait::in_words};
use crate::{id::JobId, progress::Progress};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityState {
    Waiting,
    Running,
    Done,
    /// For good: all its attempts are spent.
    Failed,
    Cancelled,
}

impl ActivityState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }

    /// Whether it may be done once more.
    pub fn can_retry(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled)
    }
}

/// What a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name, or words for one that is not the reader's to know.
    pub name: String,
    /// The document's or the report's; none where there is nothing to open.
    pub id: Option<uuid::Uuid>,
}

/// A job, as far as whoever asks may know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    pub id: JobId,
    /// Its name in the queue.
    pub kind: String,
    pub about: Option<About>,
    pub state: ActivityState,
    /// Somebody has cancelled it, and it will stop in a moment.
    pub is_cancelling: bool,
    /// Attempts begun so far.
    pub attempt: i32,
    pub max_attempts: i32,
    pub progress: Option<Progress>,
    /// Why it waits, while it does.
    pub waits_for: Option<Wait>,
    /// Who asked for it; none for Sheaf itself.
    pub asked_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Seconds of a worker that all attempts together have taken.
    pub worked: f64,
    /// Page credits that it used, without those that came back; while it is under way, with what is set aside for it.
    pub credits: i64,
    /// Why it failed, for the person.
    pub failure: Option<String>,
    /// What the last attempt ran into, for those who run the workspace.
    pub last_error: Option<String>,
    /// Whether whoever asks may cancel it, or have it done again, as its state allows.
    pub may_steer: bool,
    /// What it left, where one job is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<serde_json::Value>,
    /// How long it is known, with its result; none while it is under way.
    pub result_kept_until: Option<DateTime<Utc>>,
}

impl Activity {
    pub fn work(&self) -> Work {
        Work::of(&self.kind)
    }

    /// What a row of a list is called.
    pub fn title(&self) -> String {
        match &self.about {
            Some(about) => about.name.clone(),
            None => self.work().label().to_owned(),
        }
    }

    /// How long it has run until now, or ran, from its first attempt on: "3 min 5 s". None before that.
    pub fn duration(&self, now: DateTime<Utc>) -> Option<String> {
        let started = self.started_at?;
        let seconds = (self.finished_at.unwrap_or(now) - started).num_seconds();
        Some(if seconds < 1 { "under 1 s".into() } else { in_words(seconds) })
    }
}
