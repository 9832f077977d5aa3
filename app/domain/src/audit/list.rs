//! Reading the log.

use serde_json::Value;
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
    Entry {
        facts: facts_of(&row.detail),
        number: row.number,
        at: row.created_at,
        account: row.account_id.map(AccountId),
        who: row.name,
        act: row.act,
        subject,
        from: row.address,
    }
}

/// In words: what changed from one thing to another is one fact.
fn facts_of(detail: &Value) -> Vec<(String, String)> {
    let value_of = |name: &str| detail.get(name).and_then(words_of);
    let change = value_of("from").zip(value_of("to"));
    // A key is told by its name; its id is for whoever takes the log out.
    let is_told = |name: &str| (change.is_some() && ["from", "to"].contains(&name)) || name == "api_key";
    let others = detail.as_object().into_iter().flatten().filter(|(name, _)| !is_told(name));
    let others = others.filter_map(|(name, value)| Some((name.replace('_', " "), words_of(value)?)));
    let change = change.iter().map(|(from, to)| ("changed".to_owned(), format!("{from} → {to}")));
    change.chain(others).collect()
}

/// None for what is not there.
fn words_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(is_so) => Some(if *is_so { "yes" } else { "no" }.into()),
        Value::String(text) if is_a_word(text) => Some(text.replace('_', " ")),
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => Some(all.iter().filter_map(words_of).collect::<Vec<_>>().join(", ")),
        other => Some(other.to_string()),
    }
}

/// Whether programs use it, which have a line where people have a space. An address or a name may have a line of its own.
fn is_a_word(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn facts_are_told_in_words() {
        let told = |detail: Value| {
            let facts = facts_of(&detail).into_iter().map(|(name, value)| format!("{name}: {value}"));
            facts.collect::<Vec<_>>().join("; ")
        };
        assert_eq!(told(json!({ "from": "team", "to": "business" })), "changed: team → business");
        assert_eq!(told(json!({ "changed": ["time_zone", "name"], "cap": null })), "changed: time zone, name");
        assert_eq!(told(json!({ "from": "past_due", "max_running": 2 })), "from: past due; max running: 2");
        assert_eq!(told(json!({ "email": "ada_b@acme.example" })), "email: ada_b@acme.example");
        let through = json!({ "api_key": "01912345-0000-7000-8000-000000000000", "through_key": "Nightly import" });
        assert_eq!(told(through), "through key: Nightly import");
        assert_eq!(told(json!({})), "");
    }
}
