//! The list, in each of its orders. Every order has its own statement, so that each is checked at compile time and planned
//! with its own index. Its conditions are such that they may use it under row-level security: comparisons of a column alone,
//! with a value of the column's own type, are leakproof.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use uuid::Uuid;

use super::ListedRow;
use crate::{
    db::TenantTx,
    documents::{Cursor, ListQuery, ListedDocument, Sort, StateFilter},
    error::{Error, Result},
};

macro_rules! list {
    ($tx:expr, $query:expr, $limit:expr, $after:expr, $key:literal, $cast:literal, $compare:literal, $direction:literal) => {{
        let tenant = $tx.id();
        let states: Vec<String> = states_of($query.state);
        sqlx::query_as!(
            ListedRow,
            "select d.id, d.name, d.format, d.bytes, d.state, d.failure, d.title, d.pages, d.pages_read, d.words,
                    d.has_images, d.visibility = 'private' as \"private!\", d.created_at, d.trashed_at
             from document d
             where d.tenant_id = $1
               and (d.trashed_at is not null) = $2
               and ($3::text is null or d.format = $3)
               and (cardinality($4::text[]) = 0 or d.state = any ($4))
               and ($5::date is null or d.created_at >= $5::date::timestamptz)
               and ($6::date is null or d.created_at < ($6::date + 1)::timestamptz)
               and ($7::"
                + $cast
                + " is null or ("
                + $key
                + ", d.id) "
                + $compare
                + " ($7, $8))
             order by "
                + $key
                + " "
                + $direction
                + ", d.id "
                + $direction
                + "
             limit $9",
            tenant.0,
            $query.trash,
            $query.format.map(|format| format.as_str()),
            &states,
            $query.added_from as Option<NaiveDate>,
            $query.added_to as Option<NaiveDate>,
            $after,
            $query.after.as_ref().map_or(Uuid::nil(), |cursor| cursor.id.0),
            $limit,
        )
        .fetch_all($tx.conn())
        .await?
    }};
}

/// At most `limit` documents after the cursor.
pub(crate) async fn list(tx: &mut TenantTx, query: &ListQuery, limit: i64) -> Result<Vec<ListedDocument>> {
    let value = query.after.as_ref().map(|cursor| cursor.value.as_str());
    let rows = match query.sort {
        Sort::Newest => list!(tx, query, limit, time(value)?, "d.created_at", "timestamptz", "<", "desc"),
        Sort::Oldest => list!(tx, query, limit, time(value)?, "d.created_at", "timestamptz", ">", "asc"),
        Sort::Name => list!(tx, query, limit, value, "d.name_key", "text", ">", "asc"),
        Sort::NameDescending => list!(tx, query, limit, value, "d.name_key", "text", "<", "desc"),
        Sort::Largest => list!(tx, query, limit, number(value)?, "d.bytes", "int8", "<", "desc"),
        Sort::Smallest => list!(tx, query, limit, number(value)?, "d.bytes", "int8", ">", "asc"),
    };
    rows.into_iter().map(ListedDocument::try_from).collect()
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

fn time(value: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    value.map(|value| value.parse().map_err(|_| bad_cursor())).transpose()
}

fn number(value: Option<&str>) -> Result<Option<i64>> {
    value.map(|value| value.parse().map_err(|_| bad_cursor())).transpose()
}

fn bad_cursor() -> Error {
    Error::invalid("after", "This place in the list does not exist. Go back to its beginning.")
}
