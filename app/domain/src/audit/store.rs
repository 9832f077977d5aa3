//! All SQL of the audit log.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Act, AuditQuery, Person, chain::Link};
use crate::{
    actor::InTenant,
    clock::Clock,
    db::TenantTx,
    error::Result,
    id::{AccountId, AuditId},
};

/// An entry as it is listed and exported.
pub(super) struct Row {
    pub number: i64,
    pub created_at: DateTime<Utc>,
    pub account_id: Option<Uuid>,
    pub name: Option<String>,
    pub act: String,
    pub subject_id: Option<Uuid>,
    pub address: Option<String>,
    pub detail: Value,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

/// The last entry of a tenant, as the database remembers it.
pub(super) struct Head {
    pub number: i64,
    pub hash: Vec<u8>,
}

/// The number and the hashes are the database's to give.
pub(super) async fn insert(
    tx: &mut TenantTx,
    clock: &Clock,
    act: Act,
    subjects: &[Uuid],
    detail: &Value,
) -> Result<()> {
    let tenant = tx.id();
    let account = tx.account().map(|AccountId(id)| id);
    let address = tx.from().map(|address| address.to_string());
    let mut detail = detail.clone();
    // Nobody's account stands behind what support does, so the entry names the visit.
    if let (Some(visit), Some(facts)) = (tx.support(), detail.as_object_mut()) {
        facts.insert("support_visit".into(), visit.to_string().into());
    }
    // A program acts as whoever made its key, so the entry names the key.
    if let (Some(key), Some(facts)) = (tx.through(), detail.as_object_mut()) {
        facts.insert("through_key".into(), key.name.clone().into());
        facts.insert("api_key".into(), key.id.to_string().into());
    }
    let ids: Vec<Uuid> = subjects.iter().map(|_| clock.id::<AuditId>().0).collect();
    sqlx::query!(
        "insert into audit_entry (tenant_id, id, account_id, act, subject_id, created_at, address, detail)
         select $1, id, $3, $4, subject, $6, $7::text::inet, $8
         from unnest($2::uuid[], $5::uuid[]) as line (id, subject)",
        tenant.0,
        &ids,
        account,
        act.as_str(),
        subjects,
        clock.now(),
        address,
        detail,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// At most `limit` entries that are like the query, newest first.
pub(super) async fn list(tx: &mut TenantTx, query: &AuditQuery, limit: i64) -> Result<Vec<Row>> {
    let tenant = tx.id();
    let rows = sqlx::query_as!(
        Row,
        r#"select e.number, e.created_at, e.account_id, a.name as "name?", e.act, e.subject_id,
                  host(e.address) as address, e.detail, e.previous_hash, e.hash
           from audit_entry e left join account a on a.id = e.account_id
           where e.tenant_id = $1
             and ($2::uuid is null or e.account_id = $2)
             and ($3::text is null or e.act = $3)
             and ($4::date is null or e.created_at >= $4::date::timestamptz)
             and ($5::date is null or e.created_at < ($5::date + 1)::timestamptz)
             and ($6::int8 is null or e.number < $6)
           order by e.number desc
           limit $7"#,
        tenant.0,
        query.person.map(|AccountId(id)| id),
        query.act.map(Act::as_str),
        query.from as Option<NaiveDate>,
        query.to as Option<NaiveDate>,
        query.before,
        limit,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Whoever has entries, by name, at most 200. One probe of the index finds the next of them, however many entries each has.
pub(super) async fn people(tx: &mut TenantTx) -> Result<Vec<Person>> {
    let tenant = tx.id();
    let people = sqlx::query_as!(
        Person,
        r#"with recursive person (id) as (
               (select account_id from audit_entry
                where tenant_id = $1 and account_id is not null order by account_id limit 1)
               union all
               select (select e.account_id from audit_entry e
                       where e.tenant_id = $1 and e.account_id > p.id order by e.account_id limit 1)
               from person p where p.id is not null
           )
           select a.id as "account!: AccountId", a.name as "name!"
           from person p join account a on a.id = p.id
           order by a.name, a.id
           limit 200"#,
        tenant.0,
    );
    Ok(people.fetch_all(tx.conn()).await?)
}

/// The titles of those of these documents that are there and may be seen.
pub(super) async fn titles_of_documents(tx: &mut TenantTx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let tenant = tx.id();
    let titles = sqlx::query!(
        r#"select id, coalesce(title, name) as "title!" from document where tenant_id = $1 and id = any ($2)"#,
        tenant.0,
        ids,
    );
    Ok(titles.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.id, row.title)).collect())
}

/// The titles of those of these reports that are there.
pub(super) async fn titles_of_reports(tx: &mut TenantTx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let tenant = tx.id();
    let titles = sqlx::query!("select id, title from report where tenant_id = $1 and id = any ($2)", tenant.0, ids);
    Ok(titles.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.id, row.title)).collect())
}

/// At most `limit` entries after a number, in their order. A worker asks.
pub(super) async fn links(tx: &mut TenantTx, after: i64, limit: i64) -> Result<Vec<Link>> {
    let tenant = tx.id();
    let links = sqlx::query_as!(
        Link,
        r#"select number, id, account_id, act, subject_id, address::text as address, created_at,
                  detail::text as "detail!", previous_hash, hash
           from audit_entry
           where tenant_id = $1 and number > $2
           order by number
           limit $3"#,
        tenant.0,
        after,
        limit,
    );
    Ok(links.fetch_all(tx.conn()).await?)
}

/// None where nothing was ever written. A worker asks; the web server may not.
pub(super) async fn head(tx: &mut TenantTx) -> Result<Option<Head>> {
    let tenant = tx.id();
    let head = sqlx::query_as!(Head, "select number, hash from audit_head where tenant_id = $1", tenant.0);
    Ok(head.fetch_optional(tx.conn()).await?)
}
