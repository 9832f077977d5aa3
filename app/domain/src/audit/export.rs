//! Taking the log out, whole or filtered, as a table or as JSON lines. It streams: a batch of entries is in memory, and each
//! batch is a transaction of its own.

use bytes::Bytes;
use chrono::SecondsFormat;
use futures::{
    StreamExt,
    future::ready,
    stream::{self, BoxStream},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Act, AuditQuery,
    chain::hexadecimal,
    record_detail,
    store::{self, Row},
};
use crate::{
    Services,
    actor::{Action, Member},
    error::{Error, Result},
};

/// Some 200 kB of text.
const BATCH: usize = 500;

const COLUMNS: &str = "number,at,person,account,act,subject,from,detail,previous_hash,hash\r\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// RFC 4180, with a line of names.
    Csv,
    /// An object a line.
    JsonLines,
}

impl ExportFormat {
    /// The ending of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }
}

/// A line of an export.
#[derive(Serialize)]
struct Line<'a> {
    number: i64,
    at: String,
    person: Option<&'a str>,
    account: Option<String>,
    act: &'a str,
    subject: Option<String>,
    from: Option<&'a str>,
    detail: &'a Value,
    previous_hash: String,
    hash: String,
}

/// The entries that are like the query, newest first. That they were taken out is an entry itself.
pub async fn export(
    services: &Services,
    member: &Member,
    query: AuditQuery,
    format: ExportFormat,
) -> Result<BoxStream<'static, Result<Bytes>>> {
    member.require(Action::ReadAudit)?;
    let mut tx = services.db.tenant(member).await?;
    let detail = json!({ "format": format.extension() });
    record_detail(&mut tx, &services.clock, Act::AuditExported, member.tenant.0, detail).await?;
    tx.commit().await?;
    let (services, member) = (services.clone(), member.clone());
    let batches = stream::try_unfold(Some(query), move |next| {
        let (services, member) = (services.clone(), member.clone());
        async move {
            let Some(query) = next else { return Ok(None) };
            let rows = batch(&services, &member, &query).await?;
            let last = rows.last().filter(|_| rows.len() == BATCH).map(|last| last.number);
            let next = last.map(|number| AuditQuery { before: Some(number), ..query });
            Ok::<_, Error>(Some((text(&rows, format)?, next)))
        }
    });
    let head = match format {
        ExportFormat::Csv => COLUMNS,
        ExportFormat::JsonLines => "",
    };
    Ok(stream::once(ready(Ok(Bytes::from_static(head.as_bytes())))).chain(batches).boxed())
}

async fn batch(services: &Services, member: &Member, query: &AuditQuery) -> Result<Vec<Row>> {
    let mut tx = services.db.tenant(member).await?;
    let rows = store::list(&mut tx, query, BATCH as i64).await?;
    tx.commit().await?;
    Ok(rows)
}

fn text(rows: &[Row], format: ExportFormat) -> Result<Bytes> {
    let mut text = String::new();
    for row in rows {
        let line = Line::of(row);
        match format {
            ExportFormat::Csv => text.push_str(&line.fields().map(|field| quoted(&field)).join(",")),
            ExportFormat::JsonLines => text.push_str(&serde_json::to_string(&line)?),
        }
        text.push_str(if format == ExportFormat::Csv { "\r\n" } else { "\n" });
    }
    Ok(text.into())
}

impl<'a> Line<'a> {
    fn of(row: &'a Row) -> Self {
        Self {
            number: row.number,
            at: row.created_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            person: row.name.as_deref(),
            account: row.account_id.map(|id| id.to_string()),
            act: &row.act,
            subject: row.subject_id.map(|id| id.to_string()),
            from: row.address.as_deref(),
            detail: &row.detail,
            previous_hash: hexadecimal(&row.previous_hash),
            hash: hexadecimal(&row.hash),
        }
    }

    /// In the order of [`COLUMNS`].
    fn fields(self) -> [String; 10] {
        [
            self.number.to_string(),
            self.at,
            self.person.unwrap_or_default().to_owned(),
            self.account.unwrap_or_default(),
            self.act.to_owned(),
            self.subject.unwrap_or_default(),
            self.from.unwrap_or_default().to_owned(),
            self.detail.to_string(),
            self.previous_hash,
            self.hash,
        ]
    }
}

/// A field of a table. What a spreadsheet would take for a formula gets an apostrophe before it: names are what people typed.
pub(crate) fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let apostrophe = if is_formula { "'" } else { "" };
    if is_formula || field.contains([',', '"', '\r', '\n']) {
        format!("\"{apostrophe}{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_is_no_formula_and_leaves_no_field() {
        assert_eq!(quoted("Ada"), "Ada");
        assert_eq!(quoted("Ada, \"the first\""), "\"Ada, \"\"the first\"\"\"");
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        for formula in ["+1", "-1", "@sum", "\tx", "\rx"] {
            assert!(quoted(formula).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(quoted("a\nb"), "\"a\nb\"");
    }
}
