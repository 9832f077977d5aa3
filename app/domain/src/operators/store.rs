//! The SQL of operators, who have no tenant: its functions take a `SystemTx`.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Operator, OperatorInfo, TenantLine};
use crate::{
    accounts::Email,
    clock::Clock,
    db::SystemTx,
    error::{Error, Result},
    id::{OperatorId, OperatorSessionId, TenantId},
};

pub(super) struct KnownOperator {
    pub id: OperatorId,
    pub password_hash: String,
    pub totp_sealed: Vec<u8>,
}

pub(super) struct NewOperator<'a> {
    pub id: OperatorId,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub totp_sealed: Vec<u8>,
    pub now: DateTime<Utc>,
}

pub(super) struct SeenSession {
    pub session: OperatorSessionId,
    pub operator: OperatorId,
    pub name: String,
    pub email: String,
}

/// What an operator did, or what was done about one.
pub(super) struct Act<'a> {
    pub operator: OperatorId,
    pub act: &'static str,
    pub subject: Option<Uuid>,
    pub reason: Option<&'a str>,
    pub from: Option<IpAddr>,
}

/// Those who may sign in.
pub(super) async fn find_by_email(tx: &mut SystemTx, email: &Email) -> Result<Option<KnownOperator>> {
    let found = sqlx::query_as!(
        KnownOperator,
        r#"select id as "id: OperatorId", password_hash, totp_sealed
           from operator where email = $1 and disabled_at is null"#,
        email.as_str(),
    );
    Ok(found.fetch_optional(tx.conn()).await?)
}

/// Fails with a conflict when the address is an operator's: the unique index is the validation.
pub(super) async fn insert(tx: &mut SystemTx, new: &NewOperator<'_>) -> Result<()> {
    sqlx::query!(
        "insert into operator (id, email, name, password_hash, totp_sealed, created_at) values ($1, $2, $3, $4, $5, $6)",
        new.id.0,
        new.email,
        new.name,
        new.password_hash,
        new.totp_sealed,
        new.now,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match error.as_database_error().and_then(|database| database.constraint()) {
        Some("operator_email_key") => Error::conflict("There is an operator with this address already."),
        _ => error.into(),
    })?;
    Ok(())
}

pub(super) async fn list(tx: &mut SystemTx) -> Result<Vec<OperatorInfo>> {
    let operators = sqlx::query_as!(
        OperatorInfo,
        "select o.email, o.name, o.created_at, o.disabled_at,
                (select max(s.last_seen_at) from operator_session s where s.operator_id = o.id) as last_seen_at
         from operator o order by o.id limit 1000",
    );
    Ok(operators.fetch_all(tx.conn()).await?)
}

pub(super) async fn disable(tx: &mut SystemTx, email: &Email, now: DateTime<Utc>) -> Result<Option<OperatorId>> {
    let operator = sqlx::query_scalar!(
        r#"update operator set disabled_at = $2 where email = $1 and disabled_at is null returning id as "id: OperatorId""#,
        email.as_str(),
        now,
    );
    Ok(operator.fetch_optional(tx.conn()).await?)
}

pub(super) async fn set_totp(tx: &mut SystemTx, operator: OperatorId, sealed: &[u8]) -> Result<()> {
    sqlx::query!("update operator set totp_sealed = $2, totp_last_step = 0 where id = $1", operator.0, sealed)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Uses up the codes to this step, of the secret that they were checked with. False where they are used up already, or where the
/// operator has another secret by now.
pub(super) async fn use_step(tx: &mut SystemTx, operator: &KnownOperator, step: i64) -> Result<bool> {
    let updated = sqlx::query!(
        "update operator set totp_last_step = $2
         where id = $1 and totp_last_step < $2 and totp_sealed = $3 and disabled_at is null",
        operator.id.0,
        step,
        operator.totp_sealed,
    )
    .execute(tx.conn())
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn insert_session(
    tx: &mut SystemTx,
    session: OperatorSessionId,
    operator: OperatorId,
    secret: &[u8],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into operator_session (id, operator_id, secret_hash, created_at, last_seen_at, expires_at)
         values ($1, $2, $3, $4, $4, $5)",
        session.0,
        operator.0,
        hash_of(secret),
        now,
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The session that stands and was last seen after `idle`. It is seen now.
pub(super) async fn see_session(
    tx: &mut SystemTx,
    secret: &[u8],
    now: DateTime<Utc>,
    idle: DateTime<Utc>,
) -> Result<Option<SeenSession>> {
    let seen = sqlx::query_as!(
        SeenSession,
        r#"update operator_session s set last_seen_at = $2
           from operator o
           where s.secret_hash = $1 and s.revoked_at is null and s.expires_at > $2 and s.last_seen_at > $3
             and o.id = s.operator_id and o.disabled_at is null
           returning s.id as "session: OperatorSessionId", o.id as "operator: OperatorId", o.name, o.email"#,
        hash_of(secret),
        now,
        idle,
    );
    Ok(seen.fetch_optional(tx.conn()).await?)
}

pub(super) async fn end_session(tx: &mut SystemTx, session: OperatorSessionId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update operator_session set revoked_at = coalesce(revoked_at, $2) where id = $1", session.0, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn end_sessions(tx: &mut SystemTx, operator: OperatorId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update operator_session set revoked_at = $2 where operator_id = $1 and revoked_at is null",
        operator.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn record(tx: &mut SystemTx, clock: &Clock, act: &Act<'_>) -> Result<()> {
    sqlx::query!(
        "insert into operator_act (id, operator_id, act, subject_id, reason, address, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        clock.id::<Uuid>(),
        act.operator.0,
        act.act,
        act.subject,
        act.reason,
        act.from.map(|address| address.to_string()),
        clock.now(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// At most 51 workspaces, the newest first: those whose name has `wanted` in it, after one, or only one. None where the
/// operator's session does not stand, which the database looks at itself.
pub(super) async fn tenants(
    tx: &mut SystemTx,
    operator: &Operator,
    now: DateTime<Utc>,
    wanted: Option<&str>,
    before: Option<TenantId>,
    one: Option<TenantId>,
) -> Result<Vec<TenantLine>> {
    let tenants = sqlx::query_as!(
        TenantLine,
        r#"select tenant_id as "id!: TenantId", name as "name!", created_at as "created_at!", suspended_at,
                  suspended_reason, members as "members!", documents as "documents!", bytes as "bytes!", last_used_at
           from operator_tenant_sizes($1, $2, $3, $4, $5)"#,
        operator.secret.as_slice(),
        now,
        wanted,
        before.map(|TenantId(id)| id),
        one.map(|TenantId(id)| id),
    );
    Ok(tenants.fetch_all(tx.conn()).await?)
}

/// The secrets are 256 random bits, so a plain hash cannot be guessed back.
pub(super) fn hash_of(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}
