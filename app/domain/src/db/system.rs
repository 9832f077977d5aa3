//! A transaction without a tenant.

use sqlx::{Postgres, Transaction};

use super::connection::{Conn, Statements};
use crate::{error::Result, id::AccountId};

/// A transaction in which no tenant is set: it reaches the identity tables (account, session, e-mail token, and those of
/// operators), and a tenant table raises. Dropping it rolls back.
pub struct SystemTx {
    transaction: Transaction<'static, Postgres>,
    statements: Statements,
}

impl SystemTx {
    pub(super) fn new(transaction: Transaction<'static, Postgres>, statements: Statements) -> Self {
        Self { transaction, statements }
    }

    /// Lets this transaction see the memberships of an account from here on.
    pub(crate) async fn act_for(&mut self, account: AccountId) -> Result<()> {
        sqlx::query!("select set_config('app.account_id', $1, true) as done", account.to_string())
            .fetch_one(self.conn())
            .await?;
        Ok(())
    }

    pub(crate) fn conn(&mut self) -> Conn<'_> {
        Conn::new(&mut self.transaction, self.statements)
    }

    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}
