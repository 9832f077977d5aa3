//! The SQL of what Stripe sends, and of when it was asked.

use chrono::{DateTime, Utc};

use super::event::Event;
use crate::{
    db::{SystemTx, TenantTx},
    error::Result,
    id::TenantId,
};

/// What becomes of an event when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inbox {
    /// Its workspace will be looked at.
    Received,
    /// Nothing follows from it.
    Ignored,
    /// It is about nobody here.
    Unknown,
}

impl Inbox {
    fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Ignored => "ignored",
            Self::Unknown => "unknown",
        }
    }
}

/// Whose customer this is; none where nobody's.
pub(super) async fn tenant_of_customer(tx: &mut SystemTx, customer: &str) -> Result<Option<TenantId>> {
    let tenant = sqlx::query_scalar!(r#"select tenant_of_customer($1) as "tenant: TenantId""#, customer);
    Ok(tenant.fetch_one(tx.conn()).await?)
}

/// Keeps an event. False where it was kept before; then nothing is changed.
pub(super) async fn insert_event(
    tx: &mut SystemTx,
    event: &Event,
    tenant: Option<TenantId>,
    state: Inbox,
    now: DateTime<Utc>,
) -> Result<bool> {
    let inserted = sqlx::query!(
        "insert into stripe_event (id, type, api_version, customer, tenant_id, body, created_at, received_at, state, note)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing",
        event.id,
        event.kind,
        event.api_version,
        event.customer,
        tenant.map(|TenantId(id)| id),
        event.body,
        event.created_at,
        now,
        state.as_str(),
        event.note(),
    );
    Ok(inserted.execute(tx.conn()).await?.rows_affected() == 1)
}

/// Whether Stripe has told of the tenant what is not worked through yet.
pub(super) async fn has_open_events(tx: &mut TenantTx) -> Result<bool> {
    let tenant = tx.id();
    let has_open = sqlx::query_scalar!(
        r#"select exists (select from stripe_event where tenant_id = $1 and state = 'received') as "has_open!""#,
        tenant.0,
    );
    Ok(has_open.fetch_one(tx.conn()).await?)
}

/// Tells of the events of the tenant that came until Stripe was asked, that all they could say is known.
pub(super) async fn finish_events(tx: &mut TenantTx, asked_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    let tenant = tx.id();
    sqlx::query!(
        "update stripe_event set state = 'done', handled_at = $3
         where tenant_id = $1 and state = 'received' and received_at <= $2",
        tenant.0,
        asked_at,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets up to 500 events that came more than 90 days ago, and says how many those were.
pub(super) async fn forget_events(tx: &mut SystemTx, now: DateTime<Utc>) -> Result<i64> {
    let forgotten = sqlx::query_scalar!(r#"select forget_stripe_events($1) as "forgotten!""#, now);
    Ok(forgotten.fetch_one(tx.conn()).await?)
}

/// How often Stripe was asked about the tenant.
pub(super) async fn revision(tx: &mut TenantTx) -> Result<i64> {
    let tenant = tx.id();
    let revision = sqlx::query_scalar!("select revision from subscription where tenant_id = $1", tenant.0);
    Ok(revision.fetch_one(tx.conn()).await?)
}

/// Whether the answer to this question is the one that is kept.
pub(super) async fn is_applied(tx: &mut TenantTx, revision: i64) -> Result<bool> {
    let tenant = tx.id();
    let is_applied = sqlx::query_scalar!(
        r#"select applied = $2 as "is_applied!" from subscription where tenant_id = $1"#,
        tenant.0,
        revision,
    );
    Ok(is_applied.fetch_one(tx.conn()).await?)
}

/// When the tenant's subscription was last brought up to what Stripe has; none before the first time.
pub(super) async fn synced_at(tx: &mut TenantTx) -> Result<Option<DateTime<Utc>>> {
    let tenant = tx.id();
    let synced_at = sqlx::query_scalar!("select synced_at from subscription where tenant_id = $1", tenant.0);
    Ok(synced_at.fetch_one(tx.conn()).await?)
}

/// Up to 500 tenants after this one that are customers, and about whom Stripe was not asked since then.
pub(super) async fn to_sync(tx: &mut SystemTx, before: DateTime<Utc>, last: Option<TenantId>) -> Result<Vec<TenantId>> {
    // The nil id comes before every other, and is no tenant's.
    let last = last.map_or(uuid::Uuid::nil(), |TenantId(id)| id);
    let page =
        sqlx::query_scalar!(r#"select id as "id!: TenantId" from subscriptions_to_sync($1, $2) as id"#, before, last);
    Ok(page.fetch_all(tx.conn()).await?)
}
