//! Reading what may come from a replica: lists, searches, figures, archives. Whatever decides on a write, on a session or on what
//! somebody may do reads in `Db::tenant`, which is the primary.
//!
//! A read goes to a replica that shows at least what its reader has done (`Seen`) and what this process has heard of (`heard`), and
//! to the primary where none does. Both take the same transaction, with the same settings for row-level security, and neither can
//! write in it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::postgres::PgConnectOptions;

use super::{
    Db, LIMITS, Source, Statements, SystemTx, TenantTx, begin, connect_to_ask, heard::PATIENCE, replicas::Replicas,
    settings::with_settings,
};
use crate::{
    actor::InTenant,
    error::{Error, ErrorKind, Result},
    id::{AccountId, TenantId},
};

/// A read that a replica has broken off after a longer time is not tried again: twice that is more than a person waits.
const REPEATED_WITHIN: Duration = Duration::from_secs(5);

/// How a read begins, wherever it does.
const BEGIN: &str = "BEGIN READ ONLY";

impl Db {
    /// The same, with replicas that answer what is only read, over at most so many connections to each. `primary` is the way to the
    /// primary past any pooler: one connection asks it where its log is. To be called before this is cloned.
    #[must_use]
    pub fn with_replicas(mut self, primary: PgConnectOptions, replicas: Vec<PgConnectOptions>, each: u32) -> Self {
        let primary = connect_to_ask(primary.options(LIMITS), PATIENCE);
        let replicas = Replicas::start(primary, replicas, each, self.listens.clone());
        self.epochs.tell(replicas.heard().clone());
        self.replicas = Some(Arc::new(replicas));
        self
    }

    /// Whether replicas answer anything here.
    pub fn has_replicas(&self) -> bool {
        self.replicas.is_some()
    }

    /// How many reads replicas have answered here, and how many of those that they might have the primary has.
    pub fn reads(&self) -> (u64, u64) {
        self.replicas.as_ref().map_or((0, 0), |replicas| replicas.counts())
    }

    /// Reads in a transaction as [`tenant`](Self::tenant) opens it, in which nothing can be written: on a replica, if one shows what
    /// the actor must see. Where a replica breaks it off (it is shut down, its connection is lost, or what it replays collides with
    /// the query), `work` is done once more on the primary; so it changes nothing outside either.
    pub async fn read<T, F: Future<Output = Result<T>>>(
        &self,
        actor: &(impl InTenant + Sync),
        work: impl Fn(TenantTx) -> F,
    ) -> Result<T> {
        let work = move |transaction| work(self.in_tenant(transaction, actor));
        self.read_as(Some(actor.tenant()), actor.account(), work).await
    }

    /// The same without a tenant, as [`system`](Self::system) is.
    pub async fn read_system<T, F: Future<Output = Result<T>>>(&self, work: impl Fn(SystemTx) -> F) -> Result<T> {
        self.read_as(None, None, work).await
    }

    /// From here on, reads of this tenant show whatever is committed by now, by whomever: for work that begins with what another
    /// process has written, of which this one may not have heard yet.
    pub fn catch_up(&self, tenant: TenantId) {
        if let Some(replicas) = &self.replicas {
            replicas.heard().note(tenant);
        }
    }

    async fn read_as<T, F: Future<Output = Result<T>>>(
        &self,
        tenant: Option<TenantId>,
        account: Option<AccountId>,
        work: impl Fn(SystemTx) -> F,
    ) -> Result<T> {
        let begun = Instant::now();
        let transaction = self.begin_reading(tenant, account).await?;
        let source = transaction.source();
        // On the heap, as the verbs around it are large enough without it.
        match Box::pin(work(transaction)).await {
            Err(error) if source == Source::Replica && is_let_down(&error, begun) => {
                self.doubt_replicas(&error);
                Box::pin(work(self.begin_at_primary(tenant, account).await?)).await
            }
            answer => answer,
        }
    }

    async fn begin_reading(&self, tenant: Option<TenantId>, account: Option<AccountId>) -> Result<SystemTx> {
        if let Some(replicas) = &self.replicas {
            match replicas.choose(tenant) {
                Ok((replica, needed)) => {
                    let statement = with_settings(BEGIN, Statements::Named, tenant, account);
                    match replica.begin(needed, &statement).await {
                        Ok(transaction) => {
                            replicas.answered();
                            return Ok(SystemTx::reading(transaction, Statements::Named, Source::Replica));
                        }
                        Err(error) => {
                            tracing::debug!(error = %error, "a replica did not begin a read");
                            replica.doubt();
                            replicas.passed_over("refused");
                        }
                    }
                }
                Err(why) => replicas.passed_over(why),
            }
        }
        self.begin_at_primary(tenant, account).await
    }

    async fn begin_at_primary(&self, tenant: Option<TenantId>, account: Option<AccountId>) -> Result<SystemTx> {
        let statement = with_settings(BEGIN, self.statements, tenant, account);
        Ok(SystemTx::reading(begin::counted(&self.pool, statement).await?, self.statements, Source::Primary))
    }

    fn doubt_replicas(&self, error: &Error) {
        tracing::warn!(error = %error, "a replica broke off a read, which the primary is asked again");
        if let Some(replicas) = &self.replicas {
            replicas.doubt();
            replicas.passed_over("let_down");
        }
    }
}

/// Whether the primary may do better: it fails neither for what is not there nor for what somebody may not do, and a replica may
/// lack what the newest migration has brought.
fn is_let_down(error: &Error, begun: Instant) -> bool {
    matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Internal) && begun.elapsed() < REPEATED_WITHIN
}
