//! The SQL of how a workspace does. Each question goes along an index and ends at a limit, however much there is.

use chrono::{DateTime, Utc};

use super::health::{MOST_MAILS, MOST_READ, MOST_WAITING, TenantHealth};
use crate::{db::TenantTx, error::Result};

/// Of documents since a moment, and of what there is now.
pub(super) async fn health(tx: &mut TenantTx, since: DateTime<Utc>) -> Result<TenantHealth> {
    let tenant = tx.id();
    let read = sqlx::query!(
        r#"select count(*) filter (where state = 'read') as "read!", count(*) filter (where state = 'partly_read') as "partly!",
                  count(*) filter (where state = 'unreadable') as "unreadable!", count(*) as "all!"
           from (
               select state from document where tenant_id = $1 and created_at >= $2
               order by created_at desc, id desc limit $3
           ) as newest"#,
        tenant.0,
        since,
        MOST_READ + 1,
    )
    .fetch_one(tx.conn())
    .await?;
    let documents = sqlx::query!(
        r#"select count(*) as "number!", min(created_at) as since
           from (
               select created_at from document where tenant_id = $1 and state in ('waiting', 'reading') order by id limit $2
           ) as busy"#,
        tenant.0,
        MOST_WAITING + 1,
    )
    .fetch_one(tx.conn())
    .await?;
    let others = sqlx::query!(
        r#"select (
               select count(*) from (
                   select id from report where tenant_id = $1 and state in ('waiting', 'making') order by id limit $2
               ) as busy
           ) as "reports!", (
               select count(*) from (
                   select id from document where tenant_id = $1 and state = 'held' order by created_at, id limit $2
               ) as held
           ) as "held!", (
               select count(*) from (
                   select id from mail where tenant_id = $1 and last_error is not null order by created_at desc limit $3
               ) as failed
           ) as "mails!",
           coalesce((select stored_bytes from tenant_meter where tenant_id = $1), 0) as "stored!""#,
        tenant.0,
        MOST_WAITING + 1,
        MOST_MAILS + 1,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(TenantHealth {
        read: read.read,
        partly_read: read.partly,
        unreadable: read.unreadable,
        is_more: read.all > MOST_READ,
        waiting_documents: documents.number,
        waiting_reports: others.reports,
        waiting_since: documents.since,
        held_documents: others.held,
        undelivered: others.mails,
        stored_bytes: others.stored,
    })
}
