//! A visit of support, as the members of the workspace see it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::id::SupportVisitId;

/// How long a visit lasts. There is no extension: a longer one is another one, with a reason of its own.
pub const VISIT_TTL: TimeDelta = TimeDelta::minutes(30);

/// An operator who is in the workspace now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportNotice {
    pub visit: SupportVisitId,
    /// The operator's name.
    pub name: String,
    pub reason: String,
    pub until: DateTime<Utc>,
    /// Whether an owner lets them change things.
    pub consented: bool,
    /// Whether it is the visit of whoever looks.
    pub mine: bool,
}
