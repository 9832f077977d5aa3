//! Where originals, page images, reports and archives lie: a folder by default, or an S3-compatible store. Keys begin with the
//! tenant: `{tenant}/documents/{document}/original`.

mod parts;

use std::{path::Path as FsPath, sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    ClientOptions, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
    aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
};
use sha2::{Digest, Sha256};
use tracing::Instrument;
use uuid::Uuid;

use self::parts::Parts;
use crate::{
    error::{Error, Result},
    id::{DocumentId, ExportId, ReportId, TenantId},
};

/// The part of an upload that is held in memory on its way into a folder.
const FOLDER_PART_BYTES: usize = 1024 * 1024;

/// The same on its way to S3, which takes no part below 5 MiB.
const S3_PART_BYTES: usize = 5 * 1024 * 1024;

/// S3 takes no more parts of an object.
const S3_PARTS: u64 = 10_000;

/// So many of these make S3's largest object, of 5 TiB.
const LARGEST_PART_BYTES: usize = 525 * 1024 * 1024;

/// What an upload hashes before others have their turn. A source that is always ready would go on for megabytes, and with
/// twenty of them nobody else comes to the database within its time limit.
const PAUSE_BYTES: usize = 64 * 1024;

/// How long a call to an S3-compatible store is tried again. Somebody may be waiting for it, and a job comes back by itself.
const S3_PATIENCE: Duration = Duration::from_secs(8);

/// How long it may take to connect to it.
const S3_CONNECT: Duration = Duration::from_secs(3);

/// How long it may send nothing: before it answers, and in the middle. So whoever meets a silent store twice is refused before their
/// request has taken too long; and a part of an upload passes meanwhile at 7 Mbit/s. The whole of an answer has no limit: a large
/// file takes as long as whoever takes it.
const S3_SILENCE: Duration = Duration::from_secs(6);

/// How long a connection to it is kept that nobody uses. What has become of it meanwhile is learned by a call that waits in vain, so
/// the first after a fault on the way is not to find many that are older than the fault.
const S3_IDLE: Duration = Duration::from_secs(5);

/// How long somebody waits while what failed is cleared away: one try of one call, and with those before it less than a request has.
/// What is left then, others clear away: of objects the sweepers, of parts a rule of the bucket.
pub(crate) const TIDYING: Duration = S3_SILENCE;

#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    part_bytes: usize,
}

/// Where an S3-compatible store is and who we are there.
#[derive(Clone)]
pub struct S3 {
    /// `https://host[:port]`, without the bucket.
    pub endpoint: Option<String>,
    pub region: String,
    pub bucket: String,
    pub access_key: String,
    pub secret_key: String,
}

/// What a stream was, once it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub bytes: u64,
    pub sha256: [u8; 32],
}

/// An object, or a range of it, on its way out of the store.
pub struct Object {
    /// Of the whole object, also where only a range was asked for.
    pub bytes: u64,
    /// What tells these bytes from others that were or will be under the same key; empty where the store says nothing of it.
    pub version: String,
    pub modified: DateTime<Utc>,
    pub content: BoxStream<'static, Result<Bytes>>,
}

impl Files {
    /// A folder, made if it is missing.
    pub fn folder(path: &FsPath) -> Result<Self> {
        std::fs::create_dir_all(path).map_err(|error| Error::internal(format!("files folder: {error}")))?;
        let store = LocalFileSystem::new_with_prefix(path)?.with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store), part_bytes: FOLDER_PART_BYTES })
    }

    pub fn s3(s3: &S3) -> Result<Self> {
        let mut builder = AmazonS3Builder::new()
            .with_region(&s3.region)
            .with_bucket_name(&s3.bucket)
            .with_access_key_id(&s3.access_key)
            .with_secret_access_key(&s3.secret_key)
            .with_client_options(s3_client())
            .with_retry(RetryConfig { max_retries: 3, retry_timeout: S3_PATIENCE, ..RetryConfig::default() });
        if let Some(endpoint) = &s3.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        Ok(Self { store: Arc::new(builder.build()?), part_bytes: S3_PART_BYTES })
    }

    /// Streams `source` to `key`, hashing it on the way, with at most two parts in memory. Above `limit` bytes, or when
    /// the source breaks off, nothing is kept. Parts are larger where there would be too many of them up to `limit`, so that is to
    /// be no more than what may come. Where the store is away, the call that fails takes about thirteen seconds, and what was
    /// stored of the object is cleared away within six more; where whoever waits for this goes away, it is too.
    pub async fn put_stream<S>(&self, key: &str, source: S, limit: u64) -> Result<Stored>
    where
        S: Stream<Item = Result<Bytes>>,
    {
        let upload = self.store.put_multipart(&Path::from(key)).await.map_err(not_stored)?;
        let mut parts = Parts::new(upload, part_bytes(self.part_bytes, limit));
        let stored = write_all(&mut parts, source, limit).instrument(tracing::info_span!("store upload")).await;
        if stored.is_err() {
            parts.give_up().await;
        }
        stored
    }

    pub async fn put(&self, key: &str, content: Bytes) -> Result<()> {
        let path = Path::from(key);
        let put = self.store.put(&path, PutPayload::from_bytes(content));
        put.instrument(tracing::info_span!("store put")).await.map_err(not_stored)?;
        Ok(())
    }

    /// The whole object, as a stream, and its length in bytes.
    pub async fn get(&self, key: &str) -> Result<(u64, BoxStream<'static, Result<Bytes>>)> {
        self.get_range(key, None).await
    }

    /// A range of an object (first byte and the byte after the last), as a stream, and the length of the *whole* object.
    pub async fn get_range(
        &self,
        key: &str,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes>>)> {
        let object = self.open(key, range).await?;
        Ok((object.bytes, object.content))
    }

    /// The same with what else the store knows of it.
    pub async fn open(&self, key: &str, range: Option<std::ops::Range<u64>>) -> Result<Object> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let path = Path::from(key);
        let found = self.store.get_opts(&path, options).instrument(tracing::info_span!("store get")).await?;
        Ok(Object {
            bytes: found.meta.size,
            version: found.meta.e_tag.clone().unwrap_or_default(),
            modified: found.meta.last_modified,
            content: found.into_stream().map_err(Error::from).boxed(),
        })
    }

    /// Streams an object into a file on this machine.
    pub async fn download(&self, key: &str, to: &FsPath) -> Result<()> {
        let (_, mut stream) = self.get(key).await?;
        let io = |error: std::io::Error| Error::unavailable(format!("temporary file: {error}"));
        let mut file = tokio::fs::File::create(to).await.map_err(io)?;
        while let Some(bytes) = stream.try_next().await? {
            tokio::io::AsyncWriteExt::write_all(&mut file, &bytes).await.map_err(io)?;
        }
        tokio::io::AsyncWriteExt::flush(&mut file).await.map_err(io)
    }

    /// Deletes an object; one that is not there is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes everything below a folder, and says how many objects that were: in an S3-compatible store, a thousand with each call.
    pub async fn delete_folder(&self, folder: &str) -> Result<u64> {
        let listed = self.store.list(Some(&Path::from(folder))).map_ok(|object| object.location).boxed();
        let mut deleting = self.store.delete_stream(listed);
        let mut deleted = 0;
        loop {
            match deleting.try_next().await {
                Ok(Some(_)) => deleted += 1,
                Ok(None) => return Ok(deleted),
                // Somebody else was faster.
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Everything below a folder, page by page as the store gives it.
    pub fn list(&self, folder: &str) -> BoxStream<'static, Result<ObjectMeta>> {
        self.store.list(Some(&Path::from(folder))).map_err(Error::from).boxed()
    }

    /// Whether the store answers: it looks for an object that does not exist.
    pub async fn is_ready(&self) -> bool {
        match self.store.head(&Path::from("readiness")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => true,
            Err(_) => false,
        }
    }
}

fn s3_client() -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(S3_CONNECT)
        .with_read_timeout(S3_SILENCE)
        .with_timeout_disabled()
        .with_pool_idle_timeout(S3_IDLE)
}

/// What keeps something from being stored. "Not found" is said of the bucket or of an upload there, and never of what somebody sends.
fn not_stored(error: object_store::Error) -> Error {
    Error::unavailable(format!("store: {error}"))
}

/// The folder of everything that is kept of a tenant.
pub fn tenant_folder(tenant: TenantId) -> String {
    tenant.to_string()
}

/// The folder of a tenant's logo.
pub fn logos_folder(tenant: TenantId) -> String {
    format!("{}/logo", tenant_folder(tenant))
}

/// The picture of a tenant, PNG, JPEG or WebP. Each one that is set has an id of its own.
pub fn logo_key(tenant: TenantId, logo: Uuid) -> String {
    format!("{}/{logo}", logos_folder(tenant))
}

/// The folder of all documents of a tenant.
pub fn documents_folder(tenant: TenantId) -> String {
    format!("{tenant}/documents")
}

/// Everything of one document.
pub fn document_folder(tenant: TenantId, document: DocumentId) -> String {
    format!("{}/{document}", documents_folder(tenant))
}

/// The file as it was uploaded.
pub fn original_key(tenant: TenantId, document: DocumentId) -> String {
    format!("{}/original", document_folder(tenant, document))
}

/// A page image, PNG; `size` as in [`ImageSize`](crate::documents::reading::ImageSize).
pub fn page_image_key(tenant: TenantId, document: DocumentId, page: u32, size: &str) -> String {
    format!("{}/{size}/{page}.png", document_folder(tenant, document))
}

/// A finished report, PDF.
pub fn report_key(tenant: TenantId, report: ReportId) -> String {
    format!("{}/{report}.pdf", reports_folder(tenant))
}

/// The folder of all reports of a tenant.
pub fn reports_folder(tenant: TenantId) -> String {
    format!("{tenant}/reports")
}

/// An archive of the workspace, ZIP.
pub fn export_key(tenant: TenantId, export: ExportId) -> String {
    format!("{}/{export}.zip", exports_folder(tenant))
}

/// The folder of all archives of a tenant.
pub fn exports_folder(tenant: TenantId) -> String {
    format!("{tenant}/exports")
}

/// The audit log of a workspace that was imported into this one, lines of JSON.
pub fn imported_audit_key(tenant: TenantId, log: Uuid) -> String {
    format!("{}/{log}.jsonl", imported_audit_folder(tenant))
}

/// The folder of all audit logs that were imported into a tenant.
pub fn imported_audit_folder(tenant: TenantId) -> String {
    format!("{tenant}/imported-audit")
}

/// What a part holds, where it is to be this many bytes at least.
fn part_bytes(least: usize, limit: u64) -> usize {
    usize::try_from(limit.div_ceil(S3_PARTS)).unwrap_or(usize::MAX).clamp(least, LARGEST_PART_BYTES)
}

async fn write_all<S>(parts: &mut Parts, source: S, limit: u64) -> Result<Stored>
where
    S: Stream<Item = Result<Bytes>>,
{
    let mut source = std::pin::pin!(source);
    let mut hash = Sha256::new();
    let (mut bytes, mut since_pause) = (0, 0);
    while let Some(chunk) = source.try_next().await? {
        bytes += chunk.len() as u64;
        if bytes > limit {
            return Err(Error::limit_reached(format!("This file is larger than {}.", megabytes(limit))));
        }
        hash.update(&chunk);
        since_pause += chunk.len();
        if since_pause >= PAUSE_BYTES {
            since_pause = 0;
            tokio::task::yield_now().await;
        }
        parts.put(chunk).await?;
    }
    parts.finish().await?;
    Ok(Stored { bytes, sha256: hash.finalize().into() })
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn whoever_sends_something_is_not_told_that_it_is_not_there() {
        let gone = || object_store::Error::NotFound { path: "upload".into(), source: "NoSuchUpload".into() };
        assert!(not_stored(gone()).is(ErrorKind::Unavailable));
        assert!(Error::from(gone()).is(ErrorKind::NotFound), "whoever asks for it is");
    }

    #[test]
    fn nothing_is_stored_in_more_parts_than_the_store_takes() {
        assert_eq!(part_bytes(S3_PART_BYTES, 500_000_000), S3_PART_BYTES);
        for limit in [50 << 30, 60 << 30, 1 << 40, 5_u64 << 40] {
            let part = part_bytes(S3_PART_BYTES, limit) as u64;
            assert!(limit.div_ceil(part) <= S3_PARTS, "{limit} bytes in parts of {part}");
        }
        assert_eq!(part_bytes(S3_PART_BYTES, u64::MAX), LARGEST_PART_BYTES, "and none is held in memory as a whole");
    }
}
