//! A transaction in one tenant.

use std::net::IpAddr;

use super::{SystemTx, connection::Conn};
use crate::{
    actor::InTenant,
    error::Result,
    id::{AccountId, SupportVisitId, TenantId},
    queue::Wake,
};

/// A transaction in which one tenant is set: row-level security shows that tenant's rows and no others. Only
/// [`Db::tenant`](super::Db::tenant) makes one. Dropping it rolls back.
pub struct TenantTx {
    inner: SystemTx,
    tenant: TenantId,
    account: Option<AccountId>,
    from: Option<IpAddr>,
    support: Option<SupportVisitId>,
    wake: Wake,
    has_jobs: bool,
}

impl TenantTx {
    pub(super) fn new(inner: SystemTx, actor: &impl InTenant, wake: Wake) -> Self {
        let (tenant, account, from, support) = (actor.tenant(), actor.account(), actor.from(), actor.support());
        Self { inner, tenant, account, from, support, wake, has_jobs: false }
    }

    /// The tenant, to be bound again in each query: without it the planner takes every tenant for an average one.
    pub fn id(&self) -> TenantId {
        self.tenant
    }

    /// The identity tables, for the acts that change them together with a tenant: a sign-up makes both.
    pub fn identity(&mut self) -> &mut SystemTx {
        &mut self.inner
    }

    /// Commits, and wakes the workers if a job was enqueued.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await?;
        if self.has_jobs {
            self.wake.wake();
        }
        Ok(())
    }

    pub(crate) fn conn(&mut self) -> Conn<'_> {
        self.inner.conn()
    }

    /// To be called by whoever has written a job that may begin: `queue`, and operators who run dead letters again.
    pub(crate) fn note_jobs(&mut self) {
        self.has_jobs = true;
    }

    /// The way to the workers, for `queue` alone.
    pub(crate) fn wake(&self) -> &Wake {
        &self.wake
    }
}

impl InTenant for TenantTx {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn account(&self) -> Option<AccountId> {
        self.account
    }

    fn from(&self) -> Option<IpAddr> {
        self.from
    }

    fn support(&self) -> Option<SupportVisitId> {
        self.support
    }
}
