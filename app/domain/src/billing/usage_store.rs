//! The SQL of what was used, as people look at it.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{EntryKind, PlanId, UsageSum};
use crate::{db::TenantTx, error::Result, id::DocumentId};

/// A line of the ledger with the names of what it is about, as far as whoever asks may see them.
pub(super) struct Row {
    pub id: Uuid,
    pub kind: EntryKind,
    pub debit: String,
    pub credit: String,
    pub credits: i64,
    pub key: String,
    pub document: Option<DocumentId>,
    pub document_name: Option<String>,
    pub who: Option<String>,
    /// The name of the key through which they did.
    pub through: Option<String>,
    pub plan: PlanId,
    pub price_version: i32,
    pub note: Option<String>,
    pub at: DateTime<Utc>,
}

/// What was used in a month on one day, for one kind of work, or, where it is of neither, in all.
pub(super) struct Sum {
    pub day: Option<NaiveDate>,
    pub work: Option<String>,
    pub used: i64,
    /// Of these, those beyond the included ones.
    pub overage: i64,
}

/// At most `$limit` lines before a place, the newest first. `$of` is a further condition, with its parameter.
macro_rules! lines {
    ($tx:expr, $before:expr, $limit:expr, $of:literal $(, $parameter:expr)?) => {{
        let tenant = $tx.id();
        let (at, id): (DateTime<Utc>, Uuid) = $before;
        let rows = sqlx::query_as!(
            Row,
            "select l.id, l.kind as \"kind: EntryKind\", l.debit, l.credit, l.credits, l.key,
                    l.document_id as \"document: DocumentId\", d.name as \"document_name?\", a.name as \"who?\",
                    k.name as \"through?\", l.plan as \"plan: PlanId\", l.price_version, l.note, l.at
             from ledger_entry l
             left join document d on d.tenant_id = $1 and d.id = l.document_id
             left join account a on a.id = l.account_id
             left join api_key k on k.tenant_id = $1 and k.id = l.api_key_id
             where l.tenant_id = $1 and (l.at, l.id) < ($2, $3)"
                + $of
                + "
             order by l.at desc, l.id desc
             limit $4",
            tenant.0,
            at,
            id,
            $limit,
            $($parameter,)?
        );
        rows.fetch_all($tx.conn()).await?
    }};
}

/// What was used in a month, added up by `$column` of its lines: the most first, at most `$limit` sums. `$name` is what each is called,
/// out of what `$joined` finds for it; of those that are as large, `$then` decides.
macro_rules! sums_by {
    (
        $tx:expr, $period_start:expr, $limit:expr, $column:literal, $name:literal, $joined:literal, $then:literal
    ) => {{
        let tenant = $tx.id();
        let sums = sqlx::query_as!(
            UsageSum,
            "select "
                + $name
                + " as \"name!\", s.used as \"credits!\"
           from (
               select "
                + $column
                + ", sum(case credit when 'used' then credits else -credits end)::int8 as used
               from ledger_entry
               where tenant_id = $1 and period_start = $2 and kind in ('use', 'credit_back') and 'used' in (debit, credit)
               group by "
                + $column
                + "
               order by used desc, "
                + $column
                + "
               limit $3
           ) as s
           left join "
                + $joined
                + "
           order by s.used desc, "
                + $then,
            tenant.0,
            $period_start,
            $limit,
        );
        sums.fetch_all($tx.conn()).await?
    }};
}

pub(super) async fn lines(tx: &mut TenantTx, before: (DateTime<Utc>, Uuid), limit: i64) -> Result<Vec<Row>> {
    Ok(lines!(tx, before, limit, ""))
}

/// The same of one month.
pub(super) async fn lines_of(
    tx: &mut TenantTx,
    period_start: DateTime<Utc>,
    before: (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(lines!(tx, before, limit, " and l.period_start = $5", period_start))
}

/// What was used in a month: by day, by kind of work, and all of it. What came back is taken off.
pub(super) async fn sums(tx: &mut TenantTx, period_start: DateTime<Utc>) -> Result<Vec<Sum>> {
    let tenant = tx.id();
    let sums = sqlx::query_as!(
        Sum,
        r#"select day as "day?", work as "work?", coalesce(sum(used), 0)::int8 as "used!",
                  coalesce(sum(used) filter (where is_overage), 0)::int8 as "overage!"
           from (
               select (at at time zone 'utc')::date as day, split_part(key, ':', 1) as work,
                      case credit when 'used' then credits else -credits end as used, 'overage' in (debit, credit) as is_overage
               from ledger_entry
               where tenant_id = $1 and period_start = $2 and kind in ('use', 'credit_back') and 'used' in (debit, credit)
           ) as line
           group by grouping sets ((day), (work), ())
           order by day, work"#,
        tenant.0,
        period_start,
    );
    Ok(sums.fetch_all(tx.conn()).await?)
}

/// Who used how much in a month, the most first, at most `limit` of them.
pub(super) async fn sums_of_people(
    tx: &mut TenantTx,
    period_start: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<UsageSum>> {
    Ok(sums_by!(
        tx,
        period_start,
        limit,
        "account_id",
        "coalesce(a.name, 'Sheaf')",
        "account a on a.id = s.account_id",
        "a.name"
    ))
}

/// Through which key how much was used in a month, the most first, at most `limit` of them. What has no key is one sum.
pub(super) async fn sums_of_keys(tx: &mut TenantTx, period_start: DateTime<Utc>, limit: i64) -> Result<Vec<UsageSum>> {
    Ok(sums_by!(
        tx,
        period_start,
        limit,
        "api_key_id",
        "case when s.api_key_id is null then 'In the browser' else k.name end",
        "api_key k on k.tenant_id = $1 and k.id = s.api_key_id",
        "k.name"
    ))
}

/// The last month that had begun by this time and has lines; none where there is none.
pub(super) async fn month_at(tx: &mut TenantTx, time: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let tenant = tx.id();
    let month = sqlx::query_scalar!(
        "select period_start from ledger_entry where tenant_id = $1 and period_start <= $2
         order by period_start desc limit 1",
        tenant.0,
        time,
    );
    Ok(month.fetch_optional(tx.conn()).await?)
}

/// The first month after this one that has lines.
pub(super) async fn month_after(tx: &mut TenantTx, start: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let tenant = tx.id();
    let month = sqlx::query_scalar!(
        "select period_start from ledger_entry where tenant_id = $1 and period_start > $2 order by period_start limit 1",
        tenant.0,
        start,
    );
    Ok(month.fetch_optional(tx.conn()).await?)
}

/// The months that have lines, the newest first, at most 24. One probe of the index finds the next, however many lines each has.
pub(super) async fn months(tx: &mut TenantTx) -> Result<Vec<DateTime<Utc>>> {
    let tenant = tx.id();
    let months = sqlx::query_scalar!(
        r#"with recursive month (start, number) as (
               (select period_start, 1 from ledger_entry where tenant_id = $1 order by period_start desc limit 1)
               union all
               select (select e.period_start from ledger_entry e
                       where e.tenant_id = $1 and e.period_start < m.start order by e.period_start desc limit 1),
                      m.number + 1
               from month m where m.start is not null and m.number < 24
           )
           select start as "start!" from month where start is not null order by start desc"#,
        tenant.0,
    );
    Ok(months.fetch_all(tx.conn()).await?)
}

/// The people of the workspace, with those who are invited.
pub(super) async fn people(tx: &mut TenantTx) -> Result<i64> {
    let tenant = tx.id();
    let people = sqlx::query_scalar!(
        r#"select (select count(*) from membership where tenant_id = $1)
                + (select count(*) from invite where tenant_id = $1 and accepted_at is null and withdrawn_at is null)
                  as "people!""#,
        tenant.0,
    );
    Ok(people.fetch_one(tx.conn()).await?)
}
