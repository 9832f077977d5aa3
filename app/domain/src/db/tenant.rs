//! A transaction in one tenant.

use std::net::IpAddr;

use super::{Source, SystemTx, connection::Conn, to_the_end::ToTheEnd};
use crate::{
    actor::{InTenant, ThroughKey},
    cache::Epochs,
    error::Result,
    id::{AccountId, SupportVisitId, TenantId},
    queue::Wake,
};

/// A transaction in which one tenant is set: row-level security shows that tenant's rows and no others. Only
/// [`Db::tenant`](super::Db::tenant) makes one, and [`Db::read`](super::Db::read) one in which nothing can be written.
/// Dropping it rolls back.
pub struct TenantTx {
    inner: SystemTx,
    tenant: TenantId,
    account: Option<AccountId>,
    from: Option<IpAddr>,
    support: Option<SupportVisitId>,
    through: Option<ThroughKey>,
    wake: Wake,
    has_jobs: bool,
    epochs: Epochs,
    changed: Vec<&'static str>,
}

impl TenantTx {
    pub(super) fn new(inner: SystemTx, actor: &impl InTenant, wake: Wake, epochs: Epochs) -> Self {
        let (tenant, account, from, support) = (actor.tenant(), actor.account(), actor.from(), actor.support());
        let through = actor.through().cloned();
        Self { inner, tenant, account, from, support, through, wake, has_jobs: false, epochs, changed: Vec::new() }
    }

    /// The tenant, to be bound again in each query: without it the planner takes every tenant for an average one.
    pub fn id(&self) -> TenantId {
        self.tenant
    }

    /// Where it reads: for whoever keeps what was read where others find it.
    pub fn source(&self) -> Source {
        self.inner.source()
    }

    /// The identity tables, for the acts that change them together with a tenant: a sign-up makes both.
    pub fn identity(&mut self) -> &mut SystemTx {
        &mut self.inner
    }

    /// Waits until no other transaction of this tenant has this turn, and has it to the end: whatever is asked after that sees what
    /// those before have done. To be called before anything is locked that others wait for. Fails where it waits for longer than a
    /// statement may take.
    pub(crate) async fn take_turns(&mut self, turn: &str) -> Result<()> {
        let lock = format!("{}/{turn}", self.tenant);
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", lock).execute(self.conn()).await?;
        Ok(())
    }

    /// Commits, and wakes the workers if a job was enqueued. What it has changed is not answered from memory here any more. All of
    /// that happens too where nobody waits for it any more: a request that goes away in the middle of it may well have changed things.
    pub async fn commit(self) -> Result<()> {
        ToTheEnd::new(self.commit_and_tell()).await
    }

    async fn commit_and_tell(mut self) -> Result<()> {
        let writer = self.inner.writer(self.has_jobs || !self.changed.is_empty()).await;
        let committed = self.inner.commit_alone().await;
        // Also where nobody knows whether it was committed.
        for kind in self.changed {
            self.epochs.change(self.tenant, kind);
        }
        if let Some(writer) = writer {
            writer.wrote(Some(self.tenant), committed.is_ok()).await;
        }
        committed?;
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

    /// To be called by whoever announces a change.
    pub(crate) fn note_change(&mut self, kind: &'static str) {
        self.changed.push(kind);
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

    fn through(&self) -> Option<&ThroughKey> {
        self.through.as_ref()
    }
}
