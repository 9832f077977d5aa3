//! Making an archive: packed into a file on this machine, stored, and told to whoever asked.

use chrono::TimeDelta;
use futures::TryStreamExt;
use serde_json::json;
use tokio_util::io::ReaderStream;

use super::{KEPT_DAYS, contents, format::Counts, store};
use crate::{
    Services,
    actor::System,
    error::{Error, Result},
    files::{self, Stored},
    id::{ExportId, TenantId},
    live,
    mail::{self, Message},
    queue::{JobContext, JobError},
};

/// What is sent to the store at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// What the person is told of one that was cancelled.
pub(super) const CANCELLED: &str = "This archive was cancelled.";

/// What the person is told where its job has failed for good.
pub(super) const GIVEN_UP: &str = "Something went wrong on our side. Please ask for the archive again.";

/// Makes the archive and enqueues the mail that says so. Done again, it begins anew, makes one archive and sends one mail.
pub async fn make_export(context: &JobContext, id: ExportId) -> Result<(), JobError> {
    tokio::select! {
        made = make(context, id) => Ok(made?),
        () = context.cancelled() => Err(JobError::cancelled()),
    }
}

/// Tells that an archive could not be made, when its job has failed for good.
pub(super) async fn give_up(context: &JobContext, id: ExportId) -> Result<()> {
    fail(&context.services, context.tenant, id, GIVEN_UP).await
}

/// Tells that it was cancelled, when its job was while it ran.
pub(super) async fn call_off(context: &JobContext, id: ExportId) -> Result<()> {
    fail(&context.services, context.tenant, id, CANCELLED).await
}

async fn make(context: &JobContext, id: ExportId) -> Result<()> {
    let (services, tenant) = (&context.services, context.tenant);
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    if !store::begin(&mut tx, id).await? {
        // It is done already, or gone.
        return Ok(());
    }
    live::announce(&mut tx, "export", id).await?;
    tx.commit().await?;
    let folder = tempfile::tempdir().map_err(io)?;
    let path = folder.path().join("archive.zip");
    let counts = contents::pack(services, tenant, Some((context, id)), folder.path(), &path).await?;
    let file = tokio::fs::File::open(&path).await.map_err(io)?;
    let bytes = file.metadata().await.map_err(io)?.len();
    let content = ReaderStream::with_capacity(file, CHUNK).map_err(io);
    let stored = services.files.put_stream(&files::export_key(tenant, id), content, bytes).await?;
    context.keep_result(&json!({ "export": id, "documents": counts.documents, "bytes": stored.bytes }))?;
    finish(services, tenant, id, &counts, &stored).await
}

async fn finish(services: &Services, tenant: TenantId, id: ExportId, counts: &Counts, stored: &Stored) -> Result<()> {
    let key = files::export_key(tenant, id);
    let now = services.clock.now();
    let finished = store::Finished {
        object_key: &key,
        bytes: i64::try_from(stored.bytes).unwrap_or(i64::MAX),
        sha256: &stored.sha256,
        documents: i64::try_from(counts.documents).unwrap_or(i64::MAX),
        now,
        expires_at: now + TimeDelta::days(KEPT_DAYS),
    };
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    if !store::finish(&mut tx, id, &finished).await? {
        // It went meanwhile; the sweep deletes the file.
        return Ok(());
    }
    let recipient = store::recipient(&mut tx, id).await?;
    mail::send(services, &mut tx, &format!("export/{id}/ready"), ready(services, &recipient)).await?;
    live::announce(&mut tx, "export", id).await?;
    tx.commit().await
}

async fn fail(services: &Services, tenant: TenantId, id: ExportId, message: &str) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    store::fail(&mut tx, id, message, services.clock.now()).await?;
    live::announce(&mut tx, "export", id).await?;
    tx.commit().await
}

fn ready(services: &Services, recipient: &store::Recipient) -> Message {
    Message {
        recipient: recipient.email.clone(),
        subject: format!("The archive of “{}” is ready", recipient.workspace),
        greeting: format!("Hello {},", recipient.name),
        paragraphs: vec![
            format!("The archive that you asked for is ready: everything in the workspace “{}”.", recipient.workspace),
            format!("It can be downloaded by the owners of the workspace, and is deleted after {KEPT_DAYS} days."),
        ],
        action: Some(("Download the archive".into(), format!("{}/settings/export", services.settings.public_url))),
    }
}

fn io(error: std::io::Error) -> Error {
    Error::unavailable(format!("temporary file: {error}"))
}
