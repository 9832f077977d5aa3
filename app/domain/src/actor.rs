//! Who is acting. The actor is a parameter of every verb, and its type is its power: a function that takes a [`Member`]
//! cannot be called for a visitor.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    billing::Standing,
    error::{Error, Result},
    id::{AccountId, ApiKeyId, SessionId, SupportVisitId, TenantId},
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
    /// Set for an operator on a visit, who is a member for a while and has no account: `account` is then nobody's.
    pub support: Option<Support>,
    /// Set for a program, which acts as whoever made its key.
    pub through: Option<ThroughKey>,
    /// How the workspace stands with its bills: what it may not do, none of its members may.
    pub standing: Standing,
}

/// What makes a member of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    pub visit: SupportVisitId,
    /// The owner who lets support change things, while one does.
    pub consented_by: Option<AccountId>,
}

/// The key that a program comes in by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThroughKey {
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
}

impl Member {
    /// Fails with "forbidden" where the role does not allow the act, and with "payment required" where a missing payment does
    /// not.
    pub fn require(&self, action: Action) -> Result<()> {
        if !self.has_power_to(action) {
            Err(Error::forbidden("Your role in this workspace does not allow this."))
        } else if self.standing.allows(action) {
            Ok(())
        } else {
            Err(self.standing.refusal())
        }
    }

    /// Their account, for what concerns nobody but them; fails with "forbidden" for support, which has none, and for a program,
    /// which has only borrowed it.
    pub fn require_account(&self) -> Result<AccountId> {
        match (self.support, &self.through) {
            (None, None) => Ok(self.account),
            (Some(_), _) => Err(Error::forbidden("Support has no account in this workspace.")),
            (None, Some(_)) => Err(Error::forbidden("A key has no account of its own. Sign in to do this.")),
        }
    }

    /// Whose is what they make: their own or, of support, the consenting owner's.
    pub fn author(&self) -> Result<AccountId> {
        match self.support {
            None => Ok(self.account),
            Some(support) => support
                .consented_by
                .ok_or_else(|| Error::forbidden("Support may change nothing here until an owner consents.")),
        }
    }

    /// Whether the role allows the act, and of support, whether it is any of theirs; and whether no payment is missing that it
    /// needs.
    pub fn may(&self, action: Action) -> bool {
        self.has_power_to(action) && self.standing.allows(action)
    }

    /// Whose eyes they see documents with, for what is kept of them: nobody sees what is private with another one's.
    pub fn sees_as(&self) -> uuid::Uuid {
        self.support.map_or(self.account.0, |support| support.visit.0)
    }

    fn has_power_to(&self, action: Action) -> bool {
        allows(self.role, action) && (self.support.is_none() || action.is_open_to_support())
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

/// Sheaf, doing later what a person asked for: a job that may see what that person may see, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnBehalf {
    pub tenant: TenantId,
    pub account: AccountId,
}

impl InTenant for OnBehalf {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
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

    /// The visit in which it is done, where an operator does it.
    fn support(&self) -> Option<SupportVisitId> {
        None
    }

    /// The key through which it is done, where a program does it.
    fn through(&self) -> Option<&ThroughKey> {
        None
    }
}

impl InTenant for Member {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn account(&self) -> Option<AccountId> {
        self.support.is_none().then_some(self.account)
    }

    fn from(&self) -> Option<IpAddr> {
        self.from
    }

    fn support(&self) -> Option<SupportVisitId> {
        self.support.map(|support| support.visit)
    }

    fn through(&self) -> Option<&ThroughKey> {
        self.through.as_ref()
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
