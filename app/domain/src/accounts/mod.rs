//! People: signing up, signing in, and the sessions of their browsers.
//!
//! An account is known across tenants. Whether an address has an account is never told: signing up, asking for a new
//! password and signing in answer the same, in the same time, for a known and an unknown address.

mod email;
mod password;
mod session;

pub use email::Email;
pub use password::Password;
pub use session::SessionInfo;

#[cfg(feature = "server")]
mod hashing;
#[cfg(feature = "server")]
mod home;
#[cfg(feature = "server")]
mod limits;
#[cfg(feature = "server")]
mod mails;
#[cfg(feature = "server")]
mod recovery;
#[cfg(feature = "server")]
mod sealing;
#[cfg(feature = "server")]
mod sessions;
#[cfg(feature = "server")]
mod sign_in;
#[cfg(feature = "server")]
mod sign_up;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod tokens;
#[cfg(feature = "server")]
mod workspaces;

#[cfg(feature = "server")]
pub use self::{
    hashing::PasswordHasher,
    recovery::{change_password, forgot_password, reset_password},
    sessions::{SignedIn, authenticate, list_sessions, recognize, refresh, sign_out, sign_out_everywhere},
    sign_in::{SignIn, sign_in},
    sign_up::{SignUp, make_account, sign_up, verify_email},
    tokens::{ACCESS_TTL, AccessClaims, REFRESH_TTL, TokenKeys},
    workspaces::{make_workspace, switch},
};

#[cfg(feature = "server")]
pub(crate) use self::{
    limits::network_of,
    sessions::{profile_of, start as start_session},
    sign_up::{insert_verified, parse_name},
    store::{address_of, session_version},
    workspaces::require_room,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    billing::BillingNotice,
    id::{AccountId, TenantId},
    operators::SupportNotice,
    roles::{Action, Role, allows},
};

/// The person of this browser and the workspace they are in, as pages show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub account: AccountId,
    pub name: String,
    pub email: String,
    pub tenant: TenantId,
    pub tenant_name: String,
    pub role: Role,
    /// Changes with each logo; none where the workspace has none.
    pub logo: Option<Uuid>,
    /// A name of the IANA database.
    pub time_zone: String,
    /// How many days the trash keeps.
    pub trash_days: i32,
    /// When the workspace will be deleted, if an owner asked for that.
    pub delete_after: Option<DateTime<Utc>>,
    /// Whether the workspace is suspended.
    pub suspended: bool,
    /// How the workspace stands with its bills, and what everybody is told of them.
    pub billing: BillingNotice,
    /// The visits of support that are under way in the workspace.
    pub support: Vec<SupportNotice>,
    /// All workspaces of the person, this one among them, the longest known first; at most [`MAX_WORKSPACES`].
    pub workspaces: Vec<Workspace>,
}

/// A workspace that a person is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub tenant: TenantId,
    pub name: String,
    pub role: Role,
}

/// How many one account may be in: the menu lists them all, and every page carries the list.
pub const MAX_WORKSPACES: usize = 50;

impl Profile {
    /// Whether their role allows the act, and no payment is missing that it needs: what may not be done, the pages do not offer.
    pub fn may(&self, action: Action) -> bool {
        self.may_when_paid(action) && self.billing.standing.allows(action)
    }

    /// Whether their role allows the act.
    pub fn may_when_paid(&self, action: Action) -> bool {
        allows(self.role, action) && (!self.is_support() || action.is_open_to_support())
    }

    /// Whether it is an operator on a visit, who is no member.
    pub fn is_support(&self) -> bool {
        self.support.iter().any(|visit| visit.mine)
    }

    /// Whether the workspace is closed to them: while it is suspended, support alone may come in.
    pub fn is_shut_out(&self) -> bool {
        self.suspended && !self.is_support()
    }
}
