//! All SQL of mail.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{KeptMail, Message, UndeliveredMail};
use crate::{
    db::{SystemTx, TenantTx},
    error::Result,
    id::{AccountId, MailId, TenantId},
};

/// Keeps a mail; when one with this key is kept already, returns that one's id and changes nothing.
pub(super) async fn insert(
    tx: &mut TenantTx,
    id: MailId,
    key: &str,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<Option<MailId>> {
    let tenant = tx.id();
    let inserted = sqlx::query!(
        "insert into mail (tenant_id, id, idempotency_key, recipient, subject, text_body, html_body, state, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8)
         on conflict (tenant_id, idempotency_key) do nothing",
        tenant.0,
        id.0,
        key,
        message.recipient,
        message.subject,
        message.to_text(),
        message.to_html(),
        now,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if inserted == 1 {
        return Ok(None);
    }
    let existing = sqlx::query_scalar!(
        r#"select id as "id: MailId" from mail where tenant_id = $1 and idempotency_key = $2"#,
        tenant.0,
        key,
    );
    Ok(Some(existing.fetch_one(tx.conn()).await?))
}

pub(super) async fn find(tx: &mut TenantTx, id: MailId) -> Result<Option<KeptMail>> {
    let tenant = tx.id();
    let mail = sqlx::query_as!(
        KeptMail,
        r#"select id as "id: MailId", recipient, subject, text_body, html_body, created_at, sent_at, last_error
           from mail where tenant_id = $1 and id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(mail.fetch_optional(tx.conn()).await?)
}

pub(super) async fn list_for(tx: &mut TenantTx, address: &str) -> Result<Vec<KeptMail>> {
    let tenant = tx.id();
    let mails = sqlx::query_as!(
        KeptMail,
        r#"select id as "id: MailId", recipient, subject, text_body, html_body, created_at, sent_at, last_error
           from mail where tenant_id = $1 and recipient = $2 order by created_at desc limit 50"#,
        tenant.0,
        address,
    );
    Ok(mails.fetch_all(tx.conn()).await?)
}

pub(super) async fn mark_sent(tx: &mut TenantTx, id: MailId, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update mail set state = 'sent', sent_at = $3, last_error = null where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps why an attempt failed; another will follow.
pub(super) async fn note_error(tx: &mut TenantTx, id: MailId, error: &str) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!("update mail set last_error = $3 where tenant_id = $1 and id = $2", tenant.0, id.0, error)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes those of these mails that were given up back into the queue's hands. How many those are.
pub(super) async fn mark_waiting(tx: &mut TenantTx, ids: &[Uuid]) -> Result<u64> {
    let tenant = tx.id();
    let marked = sqlx::query!(
        "update mail set state = 'waiting' where tenant_id = $1 and id = any ($2) and state = 'failed'",
        tenant.0,
        ids,
    );
    Ok(marked.execute(tx.conn()).await?.rows_affected())
}

pub(super) async fn list_undelivered(tx: &mut TenantTx) -> Result<Vec<UndeliveredMail>> {
    let tenant = tx.id();
    let mails = sqlx::query_as!(
        UndeliveredMail,
        r#"select id as "id: MailId", recipient, subject, created_at, last_error as "reason!", state = 'failed' as "given_up!"
           from mail where tenant_id = $1 and last_error is not null order by created_at desc limit 50"#,
        tenant.0,
    );
    Ok(mails.fetch_all(tx.conn()).await?)
}

pub(super) async fn mark_failed(tx: &mut TenantTx, id: MailId, error: &str) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        // The job may have died after the mail had gone out.
        "update mail set state = 'failed', last_error = coalesce(last_error, $3)
         where tenant_id = $1 and id = $2 and state <> 'sent'",
        tenant.0,
        id.0,
        error,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn account_of(tx: &mut SystemTx, address: &str) -> Result<Option<AccountId>> {
    let account = sqlx::query_scalar!(r#"select id as "id: AccountId" from account where email = $1"#, address);
    Ok(account.fetch_optional(tx.conn()).await?)
}

pub(super) async fn tenants_of_current_account(tx: &mut SystemTx) -> Result<Vec<TenantId>> {
    let tenants = sqlx::query_scalar!(r#"select tenant_id as "id!: TenantId" from memberships_of_current_account()"#);
    Ok(tenants.fetch_all(tx.conn()).await?)
}
