//! Reading the log.

use uuid::Uuid;

use super::{
    AuditListing, AuditQuery, Entry, Person, Subject,
    store::{self, Row},
};
use crate::{
    Services,
    actor::{Action, Member},
    db::TenantTx,
    error::Result,
    id::{AccountId, DocumentId, ReportId},
};

/// Entries on a page.
const PAGE_ROWS: usize = 50;

/// One page of the log, newest first, at most 50 entries.
pub async fn list(services: &Services, member: &Member, query: &AuditQuery) -> Result<AuditListing> {
    member.require(Action::ReadAudit)?;
    let mut tx = services.db.tenant(member).await?;
    let mut rows = store::list(&mut tx, query, PAGE_ROWS as i64 + 1).await?;
    let more = rows.len() > PAGE_ROWS;
    rows.truncate(PAGE_ROWS);
    let next = rows.last().filter(|_| more).map(|last| last.number);
    let entries = with_subjects(&mut tx, rows).await?;
    tx.commit().await?;
    Ok(AuditListing { entries, next })
}

/// Everybody who ever did something here, also those who have left, by name, at most 200.
pub async fn people(services: &Services, member: &Member) -> Result<Vec<Person>> {
    member.require(Action::ReadAudit)?;
    let mut tx = services.db.tenant(member).await?;
    let people = store::people(&mut tx).await?;
    tx.commit().await?;
    Ok(people)
}

/// With the titles of what they are about, as far as the policies show it to whoever reads.
async fn with_subjects(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<Entry>> {
    let of = |kind: &str| -> Vec<Uuid> {
        rows.iter().filter(|row| row.act.starts_with(kind)).filter_map(|row| row.subject_id).collect()
    };
    let (documents, reports) = (of("document."), of("report."));
    let mut titles = store::titles_of_documents(tx, &documents).await?;
    titles.extend(store::titles_of_reports(tx, &reports).await?);
    let subject = |row: &Row| {
        let id = row.subject_id?;
        let title = titles.get(&id)?.clone();
        Some(match row.act.starts_with("report.") {
            true => Subject::Report { id: ReportId(id), title },
            false => Subject::Document { id: DocumentId(id), title },
        })
    };
    Ok(rows.into_iter().map(|row| entry(subject(&row), row)).collect())
}

fn entry(subject: Option<Subject>, row: Row) -> Entry {
    let facts = row.detail.as_object().into_iter().flatten();
    Entry {
        facts: facts.map(|(name, value)| (name.replace('_', " "), text_of(value))).collect(),
        number: row.number,
        at: row.created_at,
        account: row.account_id.map(AccountId),
        who: row.name,
        act: row.act,
        subject,
        from: row.address,
    }
}

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
