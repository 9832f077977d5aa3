//! The actor of this feature.

use std::net::IpAddr;

use crate::{
    actor::InTenant,
    id::{AccountId, OperatorId, OperatorSessionId, TenantId},
};

/// An operator who is signed in. Only [`authenticate`](super::authenticate) and [`sign_in`](super::sign_in) make one. It
/// cannot be printed, since it holds the secret of its session.
#[derive(Clone)]
pub struct Operator {
    pub id: OperatorId,
    pub session: OperatorSessionId,
    pub name: String,
    pub email: String,
    /// The network address of the request.
    pub from: Option<IpAddr>,
    /// The proof that the database asks for.
    pub(crate) secret: [u8; 32],
}

impl Operator {
    /// The same, at work on one tenant.
    pub(crate) fn at(&self, tenant: TenantId) -> AtTenant {
        AtTenant { tenant, from: self.from }
    }
}

/// An operator at work on one tenant: no account of it.
pub(crate) struct AtTenant {
    tenant: TenantId,
    from: Option<IpAddr>,
}

impl InTenant for AtTenant {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn account(&self) -> Option<AccountId> {
        None
    }

    fn from(&self) -> Option<IpAddr> {
        self.from
    }
}
