//! Members and invitations as people see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, InviteId, TenantId},
    roles::Role,
};

/// Everybody in a workspace, and who is asked to come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// The longest here first.
    pub members: Vec<MemberInfo>,
    /// Those that are open, the newest first; none for whoever may not invite.
    pub invites: Vec<InviteInfo>,
}

/// One person of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberInfo {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub joined_at: DateTime<Utc>,
}

/// An invitation that is neither accepted nor withdrawn, as the workspace sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteInfo {
    pub id: InviteId,
    pub email: String,
    pub role: Role,
    /// The name of whoever invited.
    pub invited_by: String,
    pub last_sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Whether the link is too old by now.
    pub expired: bool,
}

/// An invitation as whoever holds its link sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub tenant: TenantId,
    pub workspace: String,
    pub email: String,
    pub role: Role,
    /// The name of whoever invited.
    pub invited_by: String,
    pub state: InvitationState,
    /// Whether somebody signs in with this address already. Only the link tells, which only the address got.
    pub has_account: bool,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    Open,
    Expired,
    Withdrawn,
    Accepted,
}

impl InvitationState {
    /// Why nobody can join by it, a sentence for whoever holds the link; none while it is open.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Expired => Some("This invitation is too old. Ask whoever invited you to send it again."),
            Self::Withdrawn => Some("This invitation was withdrawn."),
            Self::Accepted => Some("This invitation was used already. Sign in to go on."),
        }
    }
}
