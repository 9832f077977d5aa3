//! An object on its way into the store, part by part.

use std::mem;

use bytes::Bytes;
use object_store::{MultipartUpload, PutPayloadMut};
use tokio::{runtime::Handle, task::JoinSet, time::timeout};

use super::{TIDYING, not_stored};
use crate::error::{Error, Result};

/// Parts of one upload that are filling or being stored: as many as it holds in memory.
const IN_FLIGHT: usize = 2;

/// Parts on their way to a store.
type Storing = JoinSet<object_store::Result<()>>;

/// An object that is not there before all of it is. What is dropped before its end is given up: its parts would be kept for ever, and
/// are in no list.
pub(super) struct Parts {
    /// None once it is stored or given up.
    upload: Option<Box<dyn MultipartUpload>>,
    part_bytes: usize,
    filling: PutPayloadMut,
    storing: Storing,
}

impl Parts {
    /// An upload that has begun, in parts of so many bytes.
    pub fn new(upload: Box<dyn MultipartUpload>, part_bytes: usize) -> Self {
        Self { upload: Some(upload), part_bytes, filling: PutPayloadMut::new(), storing: JoinSet::new() }
    }

    /// Takes the next bytes, once there is room for them. Fails where a part before them could not be stored.
    pub async fn put(&mut self, mut bytes: Bytes) -> Result<()> {
        self.until_fewer_than(IN_FLIGHT).await?;
        while !bytes.is_empty() {
            let missing = self.part_bytes - self.filling.content_length();
            if bytes.len() < missing {
                self.filling.push(bytes);
                return Ok(());
            }
            self.filling.push(bytes.split_to(missing));
            self.send();
        }
        Ok(())
    }

    /// Makes the object of its parts. Fails where one of them, or the whole, could not be stored.
    pub async fn finish(&mut self) -> Result<()> {
        if !self.filling.is_empty() {
            self.send();
        }
        self.until_fewer_than(1).await?;
        if let Some(upload) = &mut self.upload {
            upload.complete().await.map_err(not_stored)?;
        }
        self.upload = None;
        Ok(())
    }

    /// Clears away what is stored, as far as the store does that soon.
    pub async fn give_up(mut self) {
        if let Some(upload) = self.upload.take() {
            abort(upload, mem::take(&mut self.storing)).await;
        }
    }

    fn send(&mut self) {
        let part = mem::take(&mut self.filling);
        if let Some(upload) = &mut self.upload {
            self.storing.spawn(upload.put_part(part.into()));
        }
    }

    async fn until_fewer_than(&mut self, parts: usize) -> Result<()> {
        while self.storing.len() >= parts
            && let Some(stored) = self.storing.join_next().await
        {
            let stored = stored.map_err(|error| Error::internal(format!("a part of an upload: {error}")))?;
            stored.map_err(not_stored)?;
        }
        Ok(())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.upload.take(), Handle::try_current()) {
            runtime.spawn(abort(upload, mem::take(&mut self.storing)));
        }
    }
}

async fn abort(mut upload: Box<dyn MultipartUpload>, mut storing: Storing) {
    storing.shutdown().await;
    let aborted = match timeout(TIDYING, upload.abort()).await {
        Ok(aborted) => aborted.map_err(not_stored),
        Err(_) => Err(Error::unavailable("the store did not answer in time")),
    };
    // The bucket's own rule ends what is left; the reason to tell is the first one.
    if let Err(error) = aborted {
        tracing::warn!(error = %error, "could not abort an upload");
    }
}
