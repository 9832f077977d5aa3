//! The list, in each of its orders. Every order has its own statement, so that each is checked at compile time and planned
//! with its own index. Its conditions are such that they may use it under row-level security: comparisons of a column alone,
//! with a value of the column's own type, are leakproof.
//!
//! Postgres plans a statement once for all tenants and parameters, so whatever makes the plan right stands in its text and
//! not in a value. A page always begins after some place, the first one before everything, and the order always lies
//! between two ends. So the index of the order promises few rows, be the tenants small or large, and a page is read from its
//! place on; left out by a null, they would have all documents of a tenant read and sorted. The trash, of which there is
//! little, has statements of its own, which sort what its index holds.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use uuid::Uuid;

use super::ListedRow;
use crate::{
    db::TenantTx,
    documents::{Cursor, ListQuery, ListedDocument, MOST_COUNTED, Sort, StateFilter, list::LOOKED_AT},
    error::{Error, Result},
    id::DocumentId,
};

/// No document is older.
const EARLIEST: DateTime<Utc> = DateTime::UNIX_EPOCH;

const LATEST: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

/// After every name, which has at most 255 characters, none of them greater than this one.
static AFTER_NAMES: LazyLock<String> = LazyLock::new(|| char::MAX.to_string().repeat(256));

/// What the documents of a list lie between in its order.
struct Ends<T> {
    lowest: T,
    highest: T,
}

const SIZES: Ends<i64> = Ends { lowest: 0, highest: i64::MAX };

/// One statement. `$ends` are those that its parameters after the eighth are.
macro_rules! rows {
    (
        $tx:expr, $query:expr, $limit:expr, $after:expr, $trashed:literal, $key:literal, $compare:literal,
        $direction:literal, [$($between:literal)*], [$($end:expr),*]
    ) => {{
        let tenant = $tx.id();
        let states: Vec<String> = states_of($query.state);
        sqlx::query_as!(
            ListedRow,
            "select d.tenant_id, d.id, d.name, d.format, d.bytes, d.sha256, d.state, d.failure, d.title, d.pages,
                    d.pages_read, d.words, d.has_images, d.visibility = 'private' as \"private!\", d.created_at, d.read_at,
                    d.trashed_at
             from document d
             where d.tenant_id = $1
               and d.trashed_at "
                + $trashed
                + "
               and ($2::text is null or d.format = $2)
               and (cardinality($3::text[]) = 0 or d.state = any ($3))
               and ($4::timestamptz is null or d.created_at >= $4)
               and ($5::timestamptz is null or d.created_at < $5)
               and ("
                + $key
                + ", d.id) "
                + $compare
                + " ($6, $7)"
                $(+ $between)*
                + "
             order by "
                + $key
                + " "
                + $direction
                + ", d.id "
                + $direction
                + "
             limit $8",
            tenant.0,
            $query.format.map(|format| format.as_str()),
            &states,
            added_from($query),
            added_before($query),
            $after,
            $query.after.as_ref().map_or(Uuid::nil(), |cursor| cursor.id.0),
            $limit,
            $($end,)*
        )
        .fetch_all($tx.conn())
        .await?
    }};
}

/// The rows of a page in one order, of the documents or of the trash.
macro_rules! list {
    ($tx:expr, $query:expr, $limit:expr, $after:expr, $ends:expr, $key:literal, $compare:literal, $direction:literal) => {
        if $query.trash {
            rows!($tx, $query, $limit, $after, "is not null", $key, $compare, $direction, [], [])
        } else {
            let ends = $ends;
            rows!(
                $tx, $query, $limit, $after, "is null", $key, $compare, $direction,
                [" and " $key " between $9 and $10"], [ends.lowest, ends.highest]
            )
        }
    };
}

/// At most `limit` documents after the cursor.
pub(crate) async fn list(tx: &mut TenantTx, query: &ListQuery, limit: i64) -> Result<Vec<ListedDocument>> {
    let value = query.after.as_ref().map(|cursor| cursor.value.as_str());
    let rows = match query.sort {
        Sort::Newest => {
            list!(tx, query, limit, time(value)?.unwrap_or(LATEST), times(query), "d.created_at", "<", "desc")
        }
        Sort::Oldest => {
            list!(tx, query, limit, time(value)?.unwrap_or(EARLIEST), times(query), "d.created_at", ">", "asc")
        }
        Sort::Name => list!(tx, query, limit, name(value)?.unwrap_or(""), names(), "d.name_key", ">", "asc"),
        Sort::NameDescending => {
            list!(tx, query, limit, name(value)?.unwrap_or(&AFTER_NAMES), names(), "d.name_key", "<", "desc")
        }
        Sort::Largest => list!(tx, query, limit, number(value)?.unwrap_or(i64::MAX), SIZES, "d.bytes", "<", "desc"),
        Sort::Smallest => list!(tx, query, limit, number(value)?.unwrap_or(-1), SIZES, "d.bytes", ">", "asc"),
    };
    rows.into_iter().map(ListedDocument::try_from).collect()
}

/// How many documents its filters find, and at most one more than [`MOST_COUNTED`]; none where that is not known after
/// [`LOOKED_AT`] documents. Those are the newest between the days of the filter, by the index of the list; what else is asked of them
/// is asked after that, so that a filter which finds little in a large workspace ends too.
pub(crate) async fn matching(tx: &mut TenantTx, query: &ListQuery) -> Result<Option<i64>> {
    let tenant = tx.id();
    let states: Vec<String> = states_of(query.state);
    let Ends { lowest, highest } = times(query);
    let counted = sqlx::query!(
        r#"select count(*) as "looked_at!",
                  count(*) filter (
                      where ($2::text is null or n.format = $2) and (cardinality($3::text[]) = 0 or n.state = any ($3))
                  ) as "found!"
           from (
               select d.format, d.state from document d
               where d.tenant_id = $1 and d.trashed_at is null and d.created_at between $4 and $5
               order by d.created_at desc, d.id desc
               limit $6
           ) as n"#,
        tenant.0,
        query.format.map(|format| format.as_str()),
        &states,
        lowest,
        highest,
        LOOKED_AT,
    );
    let counted = counted.fetch_one(tx.conn()).await?;
    let is_known = counted.looked_at < LOOKED_AT || counted.found > MOST_COUNTED;
    Ok(is_known.then_some(counted.found.min(MOST_COUNTED + 1)))
}

/// The documents that are counted like that, the newest first.
pub(crate) async fn ids_matching(tx: &mut TenantTx, query: &ListQuery, limit: i64) -> Result<Vec<DocumentId>> {
    let tenant = tx.id();
    let states: Vec<String> = states_of(query.state);
    let Ends { lowest, highest } = times(query);
    let ids = sqlx::query_scalar!(
        r#"select n.id as "id!: DocumentId"
           from (
               select d.id, d.format, d.state from document d
               where d.tenant_id = $1 and d.trashed_at is null and d.created_at between $4 and $5
               order by d.created_at desc, d.id desc
               limit $6
           ) as n
           where ($2::text is null or n.format = $2) and (cardinality($3::text[]) = 0 or n.state = any ($3))
           limit $7"#,
        tenant.0,
        query.format.map(|format| format.as_str()),
        &states,
        lowest,
        highest,
        LOOKED_AT,
        limit,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// Where a list in this order goes on after `document`.
pub(crate) fn cursor_of(document: &ListedDocument, sort: Sort) -> Cursor {
    let value = match sort {
        Sort::Newest | Sort::Oldest => document.created_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        // `name_key` is lowered in the C collation, ASCII alone, and so must the cursor be.
        Sort::Name | Sort::NameDescending => document.name.to_ascii_lowercase(),
        Sort::Largest | Sort::Smallest => document.bytes.to_string(),
    };
    Cursor { value, id: document.id }
}

fn states_of(filter: Option<StateFilter>) -> Vec<String> {
    filter.map_or_else(Vec::new, |filter| filter.states().iter().map(|state| state.as_str().to_owned()).collect())
}

/// In the order of time the filter by time is what the list lies between.
fn times(query: &ListQuery) -> Ends<DateTime<Utc>> {
    Ends {
        lowest: added_from(query).unwrap_or(EARLIEST),
        highest: added_before(query).map_or(LATEST, |end| end - TimeDelta::microseconds(1)),
    }
}

fn names() -> Ends<&'static str> {
    Ends { lowest: "", highest: &AFTER_NAMES }
}

fn added_from(query: &ListQuery) -> Option<DateTime<Utc>> {
    query.added_from.map(midnight)
}

/// The end of the last day.
fn added_before(query: &ListQuery) -> Option<DateTime<Utc>> {
    query.added_to.map(|day| day.succ_opt().map_or(LATEST, midnight))
}

/// When a day begins. Postgres knows no days as early as those that can be asked for.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc().max(EARLIEST)
}

/// Not before there were documents: Postgres does not know all times that can be asked for.
fn time(value: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    let time = value.map(|value| value.parse::<DateTime<Utc>>().map_err(|_| bad_cursor())).transpose()?;
    Ok(time.map(|time| time.max(EARLIEST)))
}

/// Postgres takes no NUL in text.
fn name(value: Option<&str>) -> Result<Option<&str>> {
    if value.is_some_and(|value| value.contains('\0')) { Err(bad_cursor()) } else { Ok(value) }
}

fn number(value: Option<&str>) -> Result<Option<i64>> {
    value.map(|value| value.parse().map_err(|_| bad_cursor())).transpose()
}

fn bad_cursor() -> Error {
    Error::invalid("after", "This place in the list does not exist. Go back to its beginning.")
}
