//! A transaction without a tenant.

use sqlx::{PgConnection, Postgres, Transaction};

use crate::error::Result;

/// A transaction in which no tenant is set: it reaches the identity tables (account, session, e-mail token), and a tenant
/// table raises. Dropping it rolls back.
pub struct SystemTx {
    transaction: Transaction<'static, Postgres>,
}

impl SystemTx {
    pub(super) fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self { transaction }
    }

    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}
