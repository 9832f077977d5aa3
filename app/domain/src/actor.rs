//! Who is acting. The actor is a parameter of every verb, and its type is its power: a function that takes a [`Member`]
//! cannot be called for a visitor.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    id::{AccountId, SessionId, TenantId},
};

/// What a member may do in a tenant. Later issues add admin, member and viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
        }
    }
}

/// The acts that need a permission, one a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    ReadDocuments,
    UploadDocuments,
    ChangeDocuments,
    Search,
    ReadReports,
    MakeReports,
    ReadMail,
    SendMailAgain,
}

/// An account in one tenant, with its role: what almost every verb takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub tenant: TenantId,
    pub account: AccountId,
    pub session: SessionId,
    pub role: Role,
}

impl Member {
    /// Fails with "forbidden" where the role does not allow the act.
    pub fn require(&self, action: Action) -> Result<()> {
        if allows(self.role, action) {
            Ok(())
        } else {
            Err(Error::forbidden("Your role in this workspace does not allow this."))
        }
    }
}

/// The table of role and action. An owner may do everything.
pub fn allows(role: Role, _action: Action) -> bool {
    match role {
        Role::Owner => true,
    }
}

/// Sheaf itself, acting inside one tenant: a job, the seed, a sign-up that has just made the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct System {
    pub tenant: TenantId,
}

impl System {
    pub fn for_tenant(tenant: TenantId) -> Self {
        Self { tenant }
    }
}

/// Whoever can open a tenant's transaction.
pub trait InTenant {
    fn tenant(&self) -> TenantId;

    /// The person who acts, or none for Sheaf itself.
    fn account(&self) -> Option<AccountId>;
}

impl InTenant for Member {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }
}

impl InTenant for System {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn account(&self) -> Option<AccountId> {
        None
    }
}
