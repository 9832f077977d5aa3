//! Who is acting. The actor is a parameter of every verb, and its type is its power: a function that takes a [`Member`]
//! cannot be called for a visitor.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    id::{AccountId, SessionId, TenantId},
};

pub use crate::roles::{Action, Role, allows};

/// An account in one tenant, with its role: what almost every verb takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub tenant: TenantId,
    pub account: AccountId,
    pub session: SessionId,
    pub role: Role,
    /// The network address of the request, for the audit log; none where no request is the cause.
    pub from: Option<IpAddr>,
}

impl Member {
    /// Fails with "forbidden" where the role does not allow the act.
    pub fn require(&self, action: Action) -> Result<()> {
        if self.may(action) {
            Ok(())
        } else {
            Err(Error::forbidden("Your role in this workspace does not allow this."))
        }
    }

    /// Whether the role allows the act.
    pub fn may(&self, action: Action) -> bool {
        allows(self.role, action)
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

    /// The network address that the act comes from, where it comes from a request.
    fn from(&self) -> Option<IpAddr> {
        None
    }
}

impl InTenant for Member {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    fn from(&self) -> Option<IpAddr> {
        self.from
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
