//! An archive becomes a workspace again: all of it, or nothing.

use futures::StreamExt;

use super::{
    Archive,
    archive::refused,
    examine::{self, Plan},
    format::{self, DOCUMENTS, REPORTS},
    lines::{DocumentLine, PageLine, ReportLine},
    objects::{self, Stored},
    store::{self, People},
};
use crate::{
    Services,
    actor::System,
    audit::{self, Act},
    billing,
    db::TenantTx,
    documents::{DrawPages, ReadDocument, resume_held},
    error::{Error, Result},
    files,
    id::{AccountId, AuditId, DocumentId, TenantId},
    live,
    queue::{self, Enqueue, Priority},
    search::tokens,
};

/// Documents or reports that are written in one statement.
const LINES: usize = 100;

/// Pages that are written in one statement: a line may have megabytes.
const PAGES: usize = 8;

/// What an import has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub documents: usize,
    pub pages: u64,
    pub reports: usize,
    /// The addresses of members who are unknown here. What they did is the owner's now; whoever is to come along is invited.
    pub strangers: Vec<String>,
}

/// Puts an archive into a workspace that has no document and no report. Where it fails, the workspace is as empty as before;
/// the rows are written in one transaction. It takes the services of a worker, who alone may write pages.
pub async fn import(services: &Services, tenant: TenantId, archive: &Archive) -> Result<Imported> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    store::owner(&mut tx).await?;
    must_be_empty(&mut tx).await?;
    drop(tx);
    let plan = examine::examine(archive, services.settings.max_documents).await?;
    let mut stored = Stored::default();
    let imported = load(services, tenant, archive, &plan, &mut stored).await;
    if imported.is_err()
        && let Err(error) = give_back(services, tenant, &stored).await
    {
        tracing::warn!(error = %error, "could not delete the files of an import that failed; the sweep will");
    }
    imported
}

async fn load(
    services: &Services,
    tenant: TenantId,
    archive: &Archive,
    plan: &Plan,
    stored: &mut Stored,
) -> Result<Imported> {
    // The log of the other workspace is kept as it is: it is no part of what happened here, and has a chain of its own.
    let log = services.clock.id::<AuditId>().0;
    objects::store(services, tenant, archive, log, stored).await?;
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    must_be_empty(&mut tx).await?;
    let owner = store::owner(&mut tx).await?;
    let mut people = People::default();
    store::people_of(&mut tx, &plan.members, &mut people).await?;
    load_documents(&mut tx, archive, &people, owner).await?;
    let pages = load_pages(&mut tx, archive, plan).await?;
    load_reports(&mut tx, archive, &people, owner).await?;
    enqueue(services, &mut tx, plan).await?;
    audit::record(&mut tx, &services.clock, Act::Imported, log).await?;
    live::announce(&mut tx, "everything", tenant).await?;
    let bytes = plan.documents.values().map(|document| document.bytes).sum::<u64>();
    billing::count_bytes(&mut tx, i64::try_from(bytes).map_err(Error::internal)?).await?;
    tx.commit().await?;
    let is_stranger = |id: &AccountId| !people.archived.contains(&id.0);
    let strangers = plan.members.iter().filter(|member| is_stranger(&member.account));
    Ok(Imported {
        documents: plan.documents.len(),
        pages,
        reports: plan.reports.len(),
        strangers: strangers.map(|member| member.email.clone()).collect(),
    })
}

async fn must_be_empty(tx: &mut TenantTx) -> Result<()> {
    if store::is_empty(tx).await? {
        return Ok(());
    }
    Err(Error::conflict("This workspace has documents or reports already. Import into an empty one."))
}

/// Deletes the files of an import that failed. Where there is anything by now, be it that the end of the transaction was
/// not heard, the sweep finds out what belongs to nothing.
async fn give_back(services: &Services, tenant: TenantId, stored: &Stored) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let is_empty = store::is_empty(&mut tx).await?;
    tx.commit().await?;
    if is_empty { objects::take_back(services, tenant, stored).await } else { Ok(()) }
}

async fn load_documents(tx: &mut TenantTx, archive: &Archive, people: &People, owner: AccountId) -> Result<()> {
    let tenant = tx.id();
    let mut batches = archive.lines(DOCUMENTS).chunks(LINES);
    while let Some(batch) = batches.next().await {
        let lines = batch.into_iter().collect::<Result<Vec<_>>>()?;
        let key = |line: &String| -> Result<String> { Ok(files::original_key(tenant, DocumentLine::parse(line)?.id)) };
        let keys = lines.iter().map(key).collect::<Result<Vec<_>>>()?;
        store::insert_documents(tx, &lines, &keys, people, owner).await?;
        store::insert_readers(tx, &lines, people).await?;
    }
    Ok(())
}

async fn load_pages(tx: &mut TenantTx, archive: &Archive, plan: &Plan) -> Result<u64> {
    let mut pages = 0;
    // What was read of a document that is being read anew stands in the archive, and means nothing.
    for (id, document) in plan.documents.iter().filter(|(_, document)| document.pages > 0) {
        let loaded = load_pages_of(tx, archive, *id).await?;
        if i32::try_from(loaded).ok() != Some(document.pages) {
            return Err(refused(format!("the document {id} has {loaded} pages and should have {}", document.pages)));
        }
        pages += loaded;
    }
    Ok(pages)
}

async fn load_pages_of(tx: &mut TenantTx, archive: &Archive, id: DocumentId) -> Result<u64> {
    let mut loaded = 0;
    let mut batches = archive.lines(&format::pages(id)).chunks(PAGES);
    while let Some(batch) = batches.next().await {
        let lines = batch.into_iter().collect::<Result<Vec<_>>>()?;
        // Off the threads that answer requests: pages may be long.
        let prepared = tokio::task::spawn_blocking(move || prepare(lines)).await;
        let (lines, index_texts) = prepared.map_err(Error::internal)??;
        store::insert_pages(tx, id, &lines, &index_texts).await?;
        loaded += lines.len() as u64;
    }
    Ok(loaded)
}

/// The lines, and what is indexed of each.
fn prepare(lines: Vec<String>) -> Result<(Vec<String>, Vec<String>)> {
    let index_text = |line: &String| -> Result<String> { Ok(tokens::index_text(&PageLine::parse(line)?.text)) };
    let index_texts = lines.iter().map(index_text).collect::<Result<Vec<_>>>()?;
    Ok((lines, index_texts))
}

async fn load_reports(tx: &mut TenantTx, archive: &Archive, people: &People, owner: AccountId) -> Result<()> {
    let tenant = tx.id();
    let mut batches = archive.lines(REPORTS).chunks(LINES);
    while let Some(batch) = batches.next().await {
        let lines = batch.into_iter().collect::<Result<Vec<_>>>()?;
        let key = |line: &String| -> Result<String> {
            let report = ReportLine::parse(line)?;
            Ok(if report.is_ready { files::report_key(tenant, report.id) } else { String::new() })
        };
        let keys = lines.iter().map(key).collect::<Result<Vec<_>>>()?;
        store::insert_reports(tx, &lines, &keys, people, owner).await?;
    }
    Ok(())
}

/// What waited to be read waits here too, and what waited for credits goes on if there are some here; and page images, which no
/// archive holds, are drawn anew.
async fn enqueue(services: &Services, tx: &mut TenantTx, plan: &Plan) -> Result<()> {
    for (id, document) in &plan.documents {
        let options = Enqueue { priority: Some(Priority::Batch), ..Enqueue::once(id.to_string()).about(id.0) };
        if document.waits {
            let job = queue::enqueue(tx, &services.clock, &ReadDocument { document: *id }, options).await?.id;
            store::set_job_of_document(tx, *id, job).await?;
        } else if document.has_images {
            queue::enqueue(tx, &services.clock, &DrawPages { document: *id }, options).await?;
        }
    }
    resume_held(tx, &services.clock).await
}
