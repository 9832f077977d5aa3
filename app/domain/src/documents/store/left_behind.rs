//! The SQL of documents whose reading has no job any more.

use chrono::{DateTime, Utc};

use crate::{db::TenantTx, documents::reading::Failure, error::Result, id::DocumentId};

/// Ends the reading of documents that wait or are being read though their job is over: as a fault of ours where it failed for
/// good, and else as cancelled, which leaves one that was not opened anew as the reading before it had. Answers which those were, at
/// most `limit`.
pub(crate) async fn end_left_behind(tx: &mut TenantTx, now: DateTime<Utc>, limit: i64) -> Result<Vec<DocumentId>> {
    let tenant = tx.id();
    let ended = sqlx::query_scalar!(
        r#"with left_behind as materialized (
               select d.id, d.job_id,
                      coalesce(
                          (select j.state = 'dead' from job j where j.tenant_id = $1 and j.id = d.job_id), false
                      ) as has_died
               from document d
               where d.tenant_id = $1 and d.state in ('waiting', 'reading')
                 and not exists (
                     select from job j where j.tenant_id = $1 and j.id = d.job_id and j.finished_at is null
                 )
               order by d.id limit $4
           )
           update document d set
               state = case when b.has_died and d.pages_read > d.pages_failed then 'partly_read'
                            when b.has_died then 'unreadable'
                            when not d.read_anew or d.pages_read <= d.pages_failed then 'cancelled'
                            when d.pages_failed > 0 or d.pages_read < coalesce(d.pages, 0) then 'partly_read'
                            else 'read' end,
               failure = case when b.has_died then $2 end,
               read_at = $3
           from left_behind b
           where d.tenant_id = $1 and d.id = b.id and d.state in ('waiting', 'reading')
             and d.job_id is not distinct from b.job_id
           returning d.id as "id: DocumentId""#,
        tenant.0,
        Failure::Crashed.as_str(),
        now,
        limit,
    );
    Ok(ended.fetch_all(tx.conn()).await?)
}
