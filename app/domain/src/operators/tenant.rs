//! A workspace as an operator sees it: its size and its state, and nothing that is in it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::TenantId;

/// Documents of a workspace are counted up to here: one more stands for many more.
pub const MOST_DOCUMENTS_COUNTED: i64 = 10_000;

/// One workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantLine {
    pub id: TenantId,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub suspended_at: Option<DateTime<Utc>>,
    /// The operator's note.
    pub suspended_reason: Option<String>,
    pub members: i64,
    /// Those that all of the workspace sees and that are not in its trash, [`MOST_DOCUMENTS_COUNTED`] and one at most.
    pub documents: i64,
    /// What its originals take, the private ones and those in the trash among them.
    pub bytes: i64,
    /// When a member was last seen; to within the five minutes after which a browser's token is renewed.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Workspaces, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantPage {
    pub tenants: Vec<TenantLine>,
    /// After which the next page begins, where there is one.
    pub older: Option<TenantId>,
}
