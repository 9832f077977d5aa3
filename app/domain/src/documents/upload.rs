//! Taking a file in: streamed to the store, hashed on the way, sniffed, and only then a row and a job.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::time::timeout;

use super::{
    DocumentState, ReadDocument, Upload, clean_name,
    share::announce,
    sniff::{self, PREFIX_BYTES},
    store,
};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    billing::{self, TakeIn},
    error::{Error, Result},
    features::{self, Feature},
    files::{self, Stored},
    id::DocumentId,
    insights::{self, ProductEvent},
    queue::{self, Enqueue},
};

/// What a person says of a file before it is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UploadOptions {
    /// Keeps it even though the same bytes are here.
    pub keep_both: bool,
    /// Nobody else sees it until it is shared.
    pub private: bool,
}

/// Keeps one file for the workspace and enqueues its reading, as [`upload_with`] does.
pub async fn upload<S>(services: &Services, member: &Member, name: &str, keep_both: bool, source: S) -> Result<Upload>
where
    S: Stream<Item = Result<Bytes>>,
{
    let options = UploadOptions { keep_both, ..UploadOptions::default() };
    upload_with(services, member, name, options, source).await
}

/// Keeps one file and enqueues its reading. Where the same bytes are here already, in a document that the member may see,
/// nothing is kept and the answer says which it is, unless both are to be kept; of the same bytes that come at once, the first is
/// here for the others. A source that breaks off or is too large leaves nothing behind, and neither does a file for which the plan
/// has no page credits or no storage: "payment required".
pub async fn upload_with<S>(
    services: &Services,
    member: &Member,
    name: &str,
    options: UploadOptions,
    source: S,
) -> Result<Upload>
where
    S: Stream<Item = Result<Bytes>>,
{
    member.require(Action::UploadDocuments)?;
    features::require(services, member.tenant, Feature::Uploads).await?;
    check_count(services, member).await?;
    let document = services.clock.id::<DocumentId>();
    let key = files::original_key(member.tenant, document);
    let prefix = Arc::new(Mutex::new(Vec::with_capacity(PREFIX_BYTES)));
    let watched = watch_prefix(source, prefix.clone());
    let stored = services.files.put_stream(&key, watched, services.settings.max_upload_bytes).await?;
    let prefix = prefix.lock().expect("no thread panics while it holds this lock").clone();
    let file = NewFile { document, name: clean_name(name), key: key.clone(), prefix, stored };
    let mut committing = false;
    let kept = keep(services, member, file, options, &mut committing).await;
    // Where the connection broke while it committed, nobody knows whether the document is there. Then the file stays, and
    // the sweeper finds out; it also removes what cannot be removed now.
    if !committing {
        forget(services, &key).await;
    }
    kept
}

/// Deletes a file that was not kept, as far as the store does that soon: somebody waits to be told why it was not.
async fn forget(services: &Services, key: &str) {
    let deleted = timeout(files::TIDYING, services.files.delete(key)).await;
    if let Err(error) = deleted.unwrap_or_else(|_| Err(Error::unavailable("the store did not answer in time"))) {
        tracing::warn!(error = %error, "could not delete an upload that was not kept");
    }
}

struct NewFile {
    document: DocumentId,
    name: String,
    key: String,
    prefix: Vec<u8>,
    stored: Stored,
}

/// Makes the document, unless the file is empty or here already. `committing` says whether it came as far as the commit.
async fn keep(
    services: &Services,
    member: &Member,
    file: NewFile,
    options: UploadOptions,
    committing: &mut bool,
) -> Result<Upload> {
    if file.stored.bytes == 0 {
        return Err(Error::invalid("file", format!("“{}” is empty.", file.name)));
    }
    let format = sniff::format_of(&file.prefix, &file.name);
    let uploaded_by = member.author()?;
    let e = billing::entitlements(services, member.tenant).await?;
    let bytes = i64::try_from(file.stored.bytes).map_err(Error::internal)?;
    let mut tx = services.db.tenant(member).await?;
    // One after the other of the same bytes. Also one that is kept whatever is here: of two that come at once the other may want to
    // be told.
    tx.take_turns(&format!("document/{}", store::hexadecimal(&file.stored.sha256))).await?;
    if !options.keep_both
        && let Some((document, name)) = store::find_by_sha256(&mut tx, &file.stored.sha256).await?
    {
        return Ok(Upload::AlreadyHere { document, name });
    }
    let state = if format.is_read() { DocumentState::Waiting } else { DocumentState::Stored };
    let row = store::NewDocument {
        id: file.document,
        name: &file.name,
        format,
        stored: &file.stored,
        object_key: &file.key,
        state,
        uploaded_by,
        private: options.private,
        now: services.clock.now(),
    };
    store::insert(&mut tx, &row).await?;
    let job = if format.is_read() {
        let job = ReadDocument { document: file.document };
        let options = Enqueue::once(file.document.to_string()).about(file.document.0);
        let enqueued = queue::enqueue(&mut tx, &services.clock, &job, options).await?;
        store::set_job(&mut tx, file.document, enqueued.id).await?;
        Some(enqueued.id)
    } else {
        None
    };
    let event = ProductEvent::DocumentUploaded { format: format.as_str().to_owned() };
    insights::note(services, &mut tx, event).await?;
    audit::record(&mut tx, &services.clock, Act::DocumentUploaded, file.document.0).await?;
    announce(&mut tx, file.document).await?;
    let taken = TakeIn { document: file.document, credits: billing::least_cost(format, bytes), bytes };
    billing::take_in(&mut tx, &services.clock, &e, &taken).await?;
    *committing = true;
    tx.commit().await?;
    Ok(Upload::Accepted { document: file.document, job })
}

/// Counts what the member sees: how much of others is private is not theirs to know.
async fn check_count(services: &Services, member: &Member) -> Result<()> {
    let mut tx = services.db.tenant(member).await?;
    let count = store::count(&mut tx).await?;
    tx.commit().await?;
    let limit = services.settings.max_documents;
    if count.unsigned_abs() >= limit {
        return Err(Error::limit_reached(format!("This workspace holds {limit} documents, which is its limit.")));
    }
    Ok(())
}

/// Passes the source on and keeps its first bytes.
fn watch_prefix<S>(source: S, prefix: Arc<Mutex<Vec<u8>>>) -> impl Stream<Item = Result<Bytes>>
where
    S: Stream<Item = Result<Bytes>>,
{
    source.inspect(move |chunk| {
        let Ok(chunk) = chunk else { return };
        let mut prefix = prefix.lock().expect("no thread panics while it holds this lock");
        let missing = PREFIX_BYTES.saturating_sub(prefix.len()).min(chunk.len());
        prefix.extend_from_slice(&chunk[..missing]);
    })
}
