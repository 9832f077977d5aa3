//! The SQL of secrets that are sealed anew.

use crate::{db::SystemTx, error::Result, id::OperatorId};

/// The sealed secrets of operators after one, in the order of their ids.
pub(super) async fn page(
    tx: &mut SystemTx,
    after: Option<OperatorId>,
    limit: i64,
) -> Result<Vec<(OperatorId, Vec<u8>)>> {
    let rows = sqlx::query!(
        r#"select id as "id: OperatorId", totp_sealed from operator where ($1::uuid is null or id > $1) order by id limit $2"#,
        after.map(|OperatorId(id)| id),
        limit,
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.id, row.totp_sealed)).collect())
}

/// The same, locked, so that a secret that is reset meanwhile is not undone.
pub(super) async fn lock_page(
    tx: &mut SystemTx,
    after: Option<OperatorId>,
    limit: i64,
) -> Result<Vec<(OperatorId, Vec<u8>)>> {
    let rows = sqlx::query!(
        r#"select id as "id: OperatorId", totp_sealed from operator
           where ($1::uuid is null or id > $1) order by id limit $2 for update"#,
        after.map(|OperatorId(id)| id),
        limit,
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.id, row.totp_sealed)).collect())
}

pub(super) async fn set_sealed(tx: &mut SystemTx, operator: OperatorId, sealed: &[u8]) -> Result<()> {
    sqlx::query!("update operator set totp_sealed = $2 where id = $1", operator.0, sealed).execute(tx.conn()).await?;
    Ok(())
}
