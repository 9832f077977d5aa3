//! A transaction without a tenant.

use super::{
    connection::{Conn, Statements},
    open::Open,
};
use crate::{error::Result, id::AccountId};

/// A transaction in which no tenant is set: it reaches the identity tables (account, session, e-mail token, and those of
/// operators), and a tenant table raises. Dropping it rolls back.
pub struct SystemTx {
    transaction: Open,
    statements: Statements,
}

impl SystemTx {
    pub(super) fn new(transaction: Open, statements: Statements) -> Self {
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
        Conn::new(self.transaction.connection(), self.statements)
    }

    pub async fn commit(self) -> Result<()> {
        self.transaction.commit().await
    }
}
