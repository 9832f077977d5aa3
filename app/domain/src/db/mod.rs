//! The database, and the only ways into it. A store function takes `&mut TenantTx`, which only [`Db::tenant`] makes, so a
//! query without a tenant does not compile.

pub mod setup;
mod system;
mod tenant;

pub use system::SystemTx;
pub use tenant::TenantTx;

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    actor::InTenant,
    error::Result,
    id::{AccountId, TenantId},
    queue::Wake,
};

/// A connection that was idle for longer is asked whether it still stands, before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(5);

/// How long it may take to answer that.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// A pool of connections of one role. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    wake: Wake,
}

impl Db {
    /// Connects with a pool of at most `connections`. It does not wait for the database: a first connection is made by
    /// the first query.
    pub fn open(options: PgConnectOptions, connections: u32) -> Self {
        // Bounded in both directions: no query of a request runs longer than this, and none waits longer for a connection.
        let options = options.options([("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "60s")]);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(5))
            // A connection that was in use a moment ago is alive; to ask it each time would be a round trip a transaction.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    Ok(meta.idle_for < TRUSTED_FOR
                        || tokio::time::timeout(PING_TIMEOUT, connection.ping())
                            .await
                            .is_ok_and(|pinged| pinged.is_ok()))
                })
            })
            .connect_lazy_with(options);
        Self { wake: Wake::start(pool.clone()), pool }
    }

    /// Opens a transaction in which the actor's tenant is set, and the account if a person acts. One round trip. The
    /// settings are local to the transaction, so that no pooler can carry them over to the next.
    pub async fn tenant(&self, actor: &(impl InTenant + Sync)) -> Result<TenantTx> {
        let transaction = self.begin(Some(actor.tenant()), actor.account()).await?;
        Ok(TenantTx::new(SystemTx::new(transaction), actor.tenant(), actor.account(), self.wake.clone()))
    }

    /// Opens a transaction without a tenant, for the few acts that come before or across tenants. Tenant tables raise in it.
    /// A test lists its callers.
    pub async fn system(&self) -> Result<SystemTx> {
        Ok(SystemTx::new(self.begin(None, None).await?))
    }

    /// Like [`system`](Self::system), for an account whose tenant is not known yet: it sees its own memberships.
    pub async fn account(&self, account: AccountId) -> Result<SystemTx> {
        Ok(SystemTx::new(self.begin(None, Some(account)).await?))
    }

    /// The pool itself, for the parts that need connections of their own: LISTEN and the queue's claims.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    async fn begin(
        &self,
        tenant: Option<TenantId>,
        account: Option<AccountId>,
    ) -> Result<sqlx::Transaction<'static, sqlx::Postgres>> {
        let mut begin = String::from("BEGIN");
        // Both are typed ids, whose text is hexadecimal digits and dashes: nothing can break out of the quotes.
        if let Some(TenantId(id)) = tenant {
            begin.push_str(&format!("; SELECT set_config('app.tenant_id', '{id}', true)"));
        }
        if let Some(AccountId(id)) = account {
            begin.push_str(&format!("; SELECT set_config('app.account_id', '{id}', true)"));
        }
        Ok(self.pool.begin_with(AssertSqlSafe(begin)).await?)
    }
}
