//! The database, and the only ways into it. A store function takes `&mut TenantTx`, which only [`Db::tenant`] and [`Db::read`] make,
//! so a query without a tenant does not compile.

mod begin;
pub mod checks;
mod connection;
mod heard;
mod migrate;
mod open;
mod position;
mod reading;
mod replica;
mod replicas;
mod seen;
mod settings;
pub mod setup;
mod system;
mod tenant;
mod to_the_end;

pub(crate) use heard::Heard;
pub use position::Position;
pub use replicas::Source;
pub use seen::Seen;
pub use system::SystemTx;
pub use tenant::TenantTx;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use sqlx::{
    Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use self::{connection::Statements, replicas::Replicas, settings::with_settings};
use crate::{
    actor::InTenant,
    cache::Epochs,
    error::Result,
    id::{AccountId, TenantId},
    queue::Wake,
};

/// Bounded in both directions: no query of a request runs longer than this, and no transaction is left open for longer.
const LIMITS: [(&str, &str); 2] = [("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "60s")];

/// How long one statement of housekeeping may take that has a whole tenant to delete.
const PATIENCE: &str = "10min";

/// Sessions beside a pooler: one listens, and one is to spare while that is made anew.
const SESSIONS: u32 = 2;

/// A connection that was idle for longer is asked whether it still stands, before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(5);

/// How long it may take to answer that.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a connection that is given back may take to answer what was asked of it and not waited for.
const RETURNED_WITHIN: Duration = Duration::from_secs(5);

/// A pool of connections of one role. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    /// The same pool, where no pooler is in front of it.
    sessions: PgPool,
    statements: Statements,
    wake: Wake,
    epochs: Epochs,
    /// Whether this process hears at this moment what changes.
    listens: Arc<AtomicBool>,
    replicas: Option<Arc<Replicas>>,
}

impl Db {
    /// Connects with a pool of at most `connections`. It does not wait for the database: a first connection is made by
    /// the first query.
    pub fn open(options: PgConnectOptions, connections: u32) -> Self {
        let pool = connect(options.options(LIMITS), connections);
        Self::over(pool.clone(), pool, Statements::Named)
    }

    /// The same through a pooler that lends a connection for the length of a transaction. `session` is the way around it,
    /// for what needs a connection of its own.
    pub fn open_pooled(options: PgConnectOptions, session: PgConnectOptions, connections: u32) -> Self {
        // Such a pooler refuses a client that asks for settings of the session, as both of these would be.
        let pool = connect(options.extra_float_digits(None::<i8>), connections);
        let sessions = connect(session.options(LIMITS), SESSIONS);
        Self::over(pool, sessions, Statements::Unnamed)
    }

    fn over(pool: PgPool, sessions: PgPool, statements: Statements) -> Self {
        let (wake, epochs, listens) = (Wake::start(pool.clone()), Epochs::default(), Arc::default());
        Self { pool, sessions, statements, wake, epochs, listens, replicas: None }
    }

    /// Opens a transaction in which the actor's tenant is set, and the account if a person acts. One round trip. The
    /// settings are local to the transaction, so that no pooler can carry them over to the next.
    pub async fn tenant(&self, actor: &(impl InTenant + Sync)) -> Result<TenantTx> {
        let transaction = self.begin(Some(actor.tenant()), actor.account()).await?;
        Ok(self.in_tenant(transaction, actor))
    }

    /// Opens a transaction without a tenant, for the few acts that come before or across tenants. Tenant tables raise in it.
    /// A test lists its callers.
    pub async fn system(&self) -> Result<SystemTx> {
        self.begin(None, None).await
    }

    /// Like [`system`](Self::system), for an account whose tenant is not known yet: it sees its own memberships.
    pub async fn account(&self, account: AccountId) -> Result<SystemTx> {
        self.begin(None, Some(account)).await
    }

    /// Like [`system`](Self::system), for housekeeping that has much to do at once: a statement may take ten minutes.
    pub async fn patient(&self) -> Result<SystemTx> {
        let statement = format!("BEGIN; SET LOCAL statement_timeout = '{PATIENCE}'");
        Ok(SystemTx::new(begin::counted(&self.pool, statement).await?, self.statements, self.heard()))
    }

    /// Connections that are sessions of Postgres, for what does not happen in a transaction of ours: LISTEN and the queue's
    /// claims. There is no door to the others: outside of a transaction, a pooler may run one statement with the parameters
    /// of another.
    pub fn sessions(&self) -> &PgPool {
        &self.sessions
    }

    /// What has changed in it, as far as this process knows.
    pub fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// Whether this process hears what others change: to be kept true by whoever listens. No replica is asked while it does not.
    pub(crate) fn listens(&self) -> &Arc<AtomicBool> {
        &self.listens
    }

    /// How many connections are open, and how many of them nobody uses.
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// How many connections it may open.
    pub fn most_connections(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    /// Closes all connections. Whoever asks afterwards finds the database away.
    pub async fn close(&self) {
        self.pool.close().await;
        self.sessions.close().await;
        if let Some(replicas) = &self.replicas {
            replicas.close().await;
        }
    }

    async fn begin(&self, tenant: Option<TenantId>, account: Option<AccountId>) -> Result<SystemTx> {
        let statement = with_settings("BEGIN", self.statements, tenant, account);
        Ok(SystemTx::new(begin::counted(&self.pool, statement).await?, self.statements, self.heard()))
    }

    /// A transaction that has begun in the actor's tenant, with those whom its commit tells what it has changed.
    fn in_tenant(&self, transaction: SystemTx, actor: &impl InTenant) -> TenantTx {
        TenantTx::new(transaction, actor, self.wake.clone(), self.epochs.clone())
    }

    fn heard(&self) -> Option<Arc<Heard>> {
        self.replicas.as_ref().map(|replicas| replicas.heard().clone())
    }
}

fn connect(options: PgConnectOptions, connections: u32) -> PgPool {
    connect_within(options, connections, Duration::from_secs(5))
}

/// Whoever waits longer for a connection is told that there is none.
fn connect_within(options: PgConnectOptions, connections: u32, patience: Duration) -> PgPool {
    lending(connections, patience).connect_lazy_with(options)
}

/// One connection for short questions, whose answers nobody waits for longer than this.
fn connect_to_ask(options: PgConnectOptions, patience: Duration) -> PgPool {
    giving_up_the_silent(lending(1, patience)).connect_lazy_with(options)
}

fn lending(connections: u32, patience: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        // A connection that was in use a moment ago is alive; to ask it each time would be a round trip a transaction.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                Ok(meta.idle_for < TRUSTED_FOR
                    || tokio::time::timeout(PING_TIMEOUT, connection.ping()).await.is_ok_and(|pinged| pinged.is_ok()))
            })
        })
}

/// Has a pool, whose statements are not always waited for, give up connections that answer nothing: sqlx, as of 0.9.0, asks one that
/// is given back for an answer without a limit, for a quarter of an hour where the other machine is gone, and the pool would have one
/// less meanwhile. It costs a message each time, for which nobody waits.
pub(crate) fn giving_up_the_silent(options: PgPoolOptions) -> PgPoolOptions {
    options.after_release(|connection, _| {
        Box::pin(async move {
            let answered = tokio::time::timeout(RETURNED_WITHIN, connection.ping()).await;
            answered.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map(|()| true)
        })
    })
}
