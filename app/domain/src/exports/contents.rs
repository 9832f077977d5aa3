//! What goes into an archive, in the order of docs/export-format.md. Everything is read in batches, each in a transaction
//! of its own and from a replica where there is one, so that the making of an archive holds nothing up.

use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use tokio::{
    fs::File,
    io::{AsyncWriteExt, BufWriter},
    time::Instant,
};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use super::{
    format::{self, AUDIT, Counts, DOCUMENTS, FORMAT, MEMBERS, Manifest, README, REPORTS, VERSION},
    packer::Packer,
    store::{self, ExportedDocument},
};
use crate::{
    Services,
    actor::System,
    db::TenantTx,
    error::{Error, ErrorKind, Result},
    files,
    id::{AccountId, AuditId, DocumentId, ExportId, ReportId, TenantId},
    live,
    queue::{JobContext, Progress},
};

/// What an archive says of itself: the same text that documents the format.
const FORMAT_TEXT: &str = include_str!("../../../../docs/export-format.md");

/// Lines that are read in one query.
const BATCH: i64 = 50;

/// Pages that are read in one query: their words are most of an archive's text.
const PAGES: i64 = 16;

/// How often it is told how far the archive is.
const TOLD_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// Packs everything of a tenant into a file at `path`; `folder` is for what has to wait meanwhile. `told` is the job that does it
/// and its export, where people watch.
pub(super) async fn pack(
    services: &Services,
    tenant: TenantId,
    told: Option<(&JobContext, ExportId)>,
    folder: &Path,
    path: &Path,
) -> Result<Counts> {
    // Whoever asked for it finds in it what was there by then.
    services.db.catch_up(tenant);
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let workspace = store::workspace(&mut tx).await?;
    let of = store::count_documents(&mut tx).await?.unsigned_abs();
    tx.commit().await?;
    let packer = Packer::start(path.to_owned());
    let (counts, last_told) = (Counts::default(), Instant::now());
    let mut packing = Packing { services, tenant, told, packer: &packer, counts, of, last_told };
    packing.text(README, FORMAT_TEXT).await?;
    packing.documents(&folder.join("documents")).await?;
    packing.members().await?;
    packing.reports(&folder.join("reports")).await?;
    packing.audit().await?;
    packing.imported_audit().await?;
    let counts = packing.counts;
    let created_at = services.clock.now();
    let (format, files) = (FORMAT.to_owned(), Vec::new());
    packer.finish(Manifest { format, version: VERSION, created_at, workspace, counts, files }).await?;
    Ok(counts)
}

struct Packing<'a> {
    services: &'a Services,
    tenant: TenantId,
    told: Option<(&'a JobContext, ExportId)>,
    packer: &'a Packer,
    counts: Counts,
    /// Documents that there were at the beginning.
    of: u64,
    last_told: Instant,
}

impl Packing<'_> {
    async fn text(&self, name: &str, text: &'static str) -> Result<()> {
        self.packer.begin(name).await?;
        self.packer.write(text).await
    }

    /// The lines wait in a file until it is known which originals are there: a member of a ZIP is written in one go.
    async fn documents(&mut self, waiting: &Path) -> Result<()> {
        let mut lines = Waiting::create(waiting).await?;
        let mut after = DocumentId(Uuid::nil());
        loop {
            let read = self.read(|mut tx| async move {
                let documents = store::documents(&mut tx, after, BATCH).await?;
                tx.commit().await?;
                Ok(documents)
            });
            let documents = read.await?;
            let Some(last) = documents.last() else { break };
            after = last.id;
            for document in documents {
                self.document(document, &mut lines).await?;
                self.tell().await?;
            }
        }
        self.waited(DOCUMENTS, lines).await
    }

    async fn document(&mut self, document: ExportedDocument, lines: &mut Waiting) -> Result<()> {
        if !self.object(&document.object_key, format::original(document.id)).await? {
            self.counts.left_out += 1;
            return Ok(());
        }
        let packed = if document.pages > 0 { self.pages(document.id).await? } else { 0 };
        self.counts.documents += 1;
        // Where it is being read anew by now, it is exported as one that waits to be read.
        let is_whole = packed == document.pages;
        lines.write(if is_whole { &document.line } else { &document.unread }).await
    }

    async fn pages(&mut self, document: DocumentId) -> Result<i32> {
        self.packer.begin(format::pages(document)).await?;
        let (mut after, mut packed) = (0, 0_i32);
        loop {
            let read = self.read(|mut tx| async move {
                let pages = store::pages(&mut tx, document, after, PAGES).await?;
                tx.commit().await?;
                Ok(pages)
            });
            let pages = read.await?;
            let Some(last) = pages.last() else { break };
            after = last.number;
            for page in pages {
                self.line(page.line).await?;
                packed += 1;
            }
        }
        self.counts.pages += u64::from(packed.unsigned_abs());
        Ok(packed)
    }

    async fn members(&mut self) -> Result<()> {
        self.packer.begin(MEMBERS).await?;
        let mut after = AccountId(Uuid::nil());
        loop {
            let read = self.read(|mut tx| async move {
                let members = store::members(&mut tx, after, BATCH).await?;
                tx.commit().await?;
                Ok(members)
            });
            let members = read.await?;
            let Some(last) = members.last() else { return Ok(()) };
            after = last.id;
            for member in members {
                self.line(member.line).await?;
                self.counts.members += 1;
            }
        }
    }

    async fn reports(&mut self, waiting: &Path) -> Result<()> {
        let mut lines = Waiting::create(waiting).await?;
        let mut after = ReportId(Uuid::nil());
        loop {
            let read = self.read(|mut tx| async move {
                let reports = store::reports(&mut tx, after, BATCH).await?;
                tx.commit().await?;
                Ok(reports)
            });
            let reports = read.await?;
            let Some(last) = reports.last() else { break };
            after = last.id;
            for report in reports {
                let is_there = match &report.object_key {
                    Some(key) => self.object(key, format::report(report.id)).await?,
                    None => true,
                };
                if is_there {
                    self.counts.reports += 1;
                    lines.write(&report.line).await?;
                } else {
                    self.counts.left_out += 1;
                }
            }
        }
        self.waited(REPORTS, lines).await
    }

    async fn audit(&mut self) -> Result<()> {
        self.packer.begin(AUDIT).await?;
        let mut after = AuditId(Uuid::nil());
        loop {
            let read = self.read(|mut tx| async move {
                let entries = store::audit_entries(&mut tx, after, BATCH).await?;
                tx.commit().await?;
                Ok(entries)
            });
            let entries = read.await?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = last.id;
            for entry in entries {
                self.line(entry.line).await?;
                self.counts.audit_entries += 1;
            }
        }
    }

    /// The audit logs of workspaces that were imported into this one, as they came.
    async fn imported_audit(&self) -> Result<()> {
        let folder = files::imported_audit_folder(self.tenant);
        let mut logs: Vec<Uuid> = Vec::new();
        let mut listed = self.services.files.list(&folder);
        while let Some(file) = listed.try_next().await? {
            let name = file.location.filename().and_then(|name| name.strip_suffix(".jsonl"));
            logs.extend(name.and_then(|name| name.parse::<Uuid>().ok()));
        }
        logs.sort();
        for log in logs {
            let key = files::imported_audit_key(self.tenant, log);
            self.object(&key, format::imported_audit(log)).await?;
        }
        Ok(())
    }

    /// Packs an object of the store; false where it is gone, and then there is no member either.
    async fn object(&self, key: &str, name: String) -> Result<bool> {
        let mut content = match self.services.files.get(key).await {
            Ok((_, content)) => content,
            Err(error) if error.is(ErrorKind::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        };
        self.packer.begin(name).await?;
        while let Some(bytes) = content.try_next().await? {
            self.packer.write(bytes).await?;
        }
        Ok(true)
    }

    async fn waited(&self, name: &str, lines: Waiting) -> Result<()> {
        self.packer.begin(name).await?;
        let mut content = ReaderStream::new(lines.read_again().await?);
        while let Some(bytes) = content.try_next().await.map_err(|error| io(&error))? {
            self.packer.write(bytes).await?;
        }
        Ok(())
    }

    async fn line(&self, mut line: String) -> Result<()> {
        line.push('\n');
        self.packer.write(line).await
    }

    /// Says how far it is, to whoever watches, once a second.
    async fn tell(&mut self) -> Result<()> {
        let Some((context, id)) = self.told else { return Ok(()) };
        if self.last_told.elapsed() < TOLD_EVERY {
            return Ok(());
        }
        self.last_told = Instant::now();
        let documents = self.counts.documents + self.counts.left_out;
        let of = Some(self.of.max(documents));
        context.progress(&Progress { stage: "packing documents".into(), done: documents, of }).await?;
        let mut tx = self.services.db.tenant(&System::for_tenant(self.tenant)).await?;
        live::announce(&mut tx, "export", id).await?;
        tx.commit().await
    }

    async fn read<T, F: Future<Output = Result<T>>>(&self, work: impl Fn(TenantTx) -> F) -> Result<T> {
        self.services.db.read(&System::for_tenant(self.tenant), work).await
    }
}

/// Lines that wait in a file on this machine.
struct Waiting {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Waiting {
    async fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).await.map_err(|error| io(&error))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    async fn write(&mut self, line: &str) -> Result<()> {
        self.file.write_all(line.as_bytes()).await.map_err(|error| io(&error))?;
        self.file.write_all(b"\n").await.map_err(|error| io(&error))
    }

    async fn read_again(mut self) -> Result<File> {
        self.file.flush().await.map_err(|error| io(&error))?;
        File::open(&self.path).await.map_err(|error| io(&error))
    }
}

fn io(error: &std::io::Error) -> Error {
    Error::unavailable(format!("temporary file: {error}"))
}
