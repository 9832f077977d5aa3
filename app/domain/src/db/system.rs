//! A transaction without a tenant.

use std::sync::Arc;

use super::{
    Position, Seen, Source,
    connection::{Conn, Statements},
    heard::Heard,
    open::Open,
};
use crate::{
    error::Result,
    id::{AccountId, TenantId},
};

/// A transaction in which no tenant is set: it reaches the identity tables (account, session, e-mail token, and those of
/// operators), and a tenant table raises. Dropping it rolls back.
pub struct SystemTx {
    transaction: Open,
    statements: Statements,
    source: Source,
    /// Where it can write and there are replicas: who says how far they must have come then.
    heard: Option<Arc<Heard>>,
}

/// Whoever has to be shown what a transaction has written.
pub(super) struct Writer {
    seen: Seen,
    heard: Arc<Heard>,
}

impl SystemTx {
    pub(super) fn new(transaction: Open, statements: Statements, heard: Option<Arc<Heard>>) -> Self {
        Self { transaction, statements, source: Source::Primary, heard }
    }

    /// One in which nothing can be written.
    pub(super) fn reading(transaction: Open, statements: Statements, source: Source) -> Self {
        Self { transaction, statements, source, heard: None }
    }

    /// Where it reads.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Lets this transaction see the memberships of an account from here on.
    pub(crate) async fn act_for(&mut self, account: AccountId) -> Result<()> {
        sqlx::query!("select set_config('app.account_id', $1, true) as done", account.to_string())
            .fetch_one(self.conn())
            .await?;
        Ok(())
    }

    pub(crate) fn conn(&mut self) -> Conn<'_> {
        Conn::new(self.transaction.connection(), self.statements)
    }

    /// Commits. Where there are replicas, whoever asked for it is shown from here on what it has written.
    pub async fn commit(mut self) -> Result<()> {
        let writer = self.writer(false).await;
        let committed = self.commit_alone().await;
        if let Some(writer) = writer {
            writer.wrote(None, committed.is_ok()).await;
        }
        committed
    }

    pub(super) async fn commit_alone(self) -> Result<()> {
        self.transaction.commit().await
    }

    /// Who has to be shown what was written here; none where nothing was, where nobody asked for it, or where there are no replicas. A
    /// transaction of which it is not known has its number by now if it has written, which costs a round trip to ask.
    pub(super) async fn writer(&mut self, is_known_to_write: bool) -> Option<Writer> {
        let (seen, heard) = (Seen::current()?, self.heard.clone()?);
        let question = "select pg_current_xact_id_if_assigned() is not null";
        let asked = async { sqlx::query_scalar::<_, bool>(question).fetch_one(self.conn()).await };
        // Where it does not say so, the commit tells what is the matter.
        let writes = is_known_to_write || asked.await.unwrap_or(true);
        writes.then_some(Writer { seen, heard })
    }
}

impl Writer {
    /// Finds out where it is in the log. Where nobody knows whether it was committed, or where, no replica shows enough for a while.
    pub async fn wrote(self, tenant: Option<TenantId>, is_committed: bool) {
        let position = if is_committed { self.heard.position().await } else { Position::UNKNOWN };
        if let Some(tenant) = tenant.filter(|_| position != Position::UNKNOWN) {
            self.heard.raise(tenant, position);
        }
        self.seen.write(position);
    }
}
