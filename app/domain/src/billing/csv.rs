//! The ledger of a month as a table, for spreadsheets and accountants. It streams: a batch of lines is in memory, and each batch
//! is a transaction of its own.

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures::{
    StreamExt,
    future::ready,
    stream::{self, BoxStream},
};
use uuid::Uuid;

use super::{
    UsageQuery,
    statement::{LATEST, month_of, work_of},
    usage_store::{self, Row},
};
use crate::{
    Services,
    actor::{Action, Member},
    audit::quoted,
    error::{Error, Result},
};

/// Some 100 kB of text.
const BATCH: usize = 500;

/// RFC 4180, with a line of names. Credits are above zero where they came to the workspace.
const COLUMNS: &str =
    "at,kind,work,credits,is_overage,document,document_name,person,api_key,plan,price_version,note,line\r\n";

/// Every line of a month, the newest first. "Not found" before the first month.
pub async fn usage_csv(
    services: &Services,
    member: &Member,
    query: &UsageQuery,
) -> Result<BoxStream<'static, Result<Bytes>>> {
    member.require(Action::ReadBilling)?;
    let mut tx = services.db.tenant(member).await?;
    let (month, _) = month_of(services, &mut tx, query).await?;
    tx.commit().await?;
    let (services, member) = (services.clone(), member.clone());
    let batches = stream::try_unfold(Some(LATEST), move |next| {
        let (services, member) = (services.clone(), member.clone());
        async move {
            let Some(before) = next else { return Ok(None) };
            let rows = batch(&services, &member, month, before).await?;
            let next = rows.last().filter(|_| rows.len() == BATCH).map(|last| (last.at, last.id));
            let text: String = rows.iter().map(line).collect();
            Ok::<_, Error>(Some((Bytes::from(text), next)))
        }
    });
    Ok(stream::once(ready(Ok(Bytes::from_static(COLUMNS.as_bytes())))).chain(batches).boxed())
}

async fn batch(
    services: &Services,
    member: &Member,
    month: DateTime<Utc>,
    before: (DateTime<Utc>, Uuid),
) -> Result<Vec<Row>> {
    let mut tx = services.db.tenant(member).await?;
    let rows = usage_store::lines_of(&mut tx, month, before, BATCH as i64).await?;
    tx.commit().await?;
    Ok(rows)
}

/// In the order of [`COLUMNS`]. Numbers are written by us, and stay numbers below zero.
fn line(row: &Row) -> String {
    let fields = [
        row.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        row.kind.as_str().to_owned(),
        work_of(row.kind, &row.key).unwrap_or_default().to_owned(),
        row.signed().to_string(),
        row.is_overage().to_string(),
        row.document.map(|id| id.to_string()).unwrap_or_default(),
        quoted(row.document_name.as_deref().unwrap_or_default()),
        quoted(row.who.as_deref().unwrap_or_default()),
        quoted(row.through.as_deref().unwrap_or_default()),
        row.plan.as_str().to_owned(),
        row.price_version.to_string(),
        quoted(row.note.as_deref().unwrap_or_default()),
        row.id.to_string(),
    ];
    format!("{}\r\n", fields.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::{EntryKind, PlanId};

    #[test]
    fn a_line_has_a_field_for_each_column_and_names_are_no_formulas() {
        let row = Row {
            id: Uuid::nil(),
            kind: EntryKind::Use,
            debit: "overage".into(),
            credit: "used".into(),
            credits: 12,
            key: "read:1:2".into(),
            document: None,
            document_name: Some("=1+1".into()),
            who: Some("Ada".into()),
            through: Some("@import".into()),
            plan: PlanId::Team,
            price_version: 1,
            note: None,
            at: DateTime::UNIX_EPOCH,
        };
        let text = line(&row);
        assert_eq!(text.matches(',').count(), COLUMNS.matches(',').count());
        assert_eq!(
            text,
            "1970-01-01T00:00:00.000000Z,use,Reading,-12,true,,\"'=1+1\",Ada,\"'@import\",team,1,,\
             00000000-0000-0000-0000-000000000000\r\n"
        );
    }
}
