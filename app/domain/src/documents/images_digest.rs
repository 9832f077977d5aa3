//! What the images of a document's pages are of. An address of an image carries it, so that it leads to that image or to none.

use std::fmt;

#[cfg(feature = "server")]
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
#[cfg(feature = "server")]
use sha2::{Digest, Sha256};
#[cfg(feature = "server")]
use uuid::Uuid;

/// A digest of what determines the images of a document's pages: the workspace, the bytes of the original, and the reading that drew
/// them, which is told by its end. With a page and a size it names one image for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImagesDigest(String);

impl ImagesDigest {
    /// 128 bits of a SHA-256, in lowercase hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(feature = "server")]
impl ImagesDigest {
    /// None for a document without images, and for one that is being read for the first time or anew: its images are only on their way.
    ///
    /// A reading that takes the place of another forgets when that one ended before it draws anything, on servers of any version. The
    /// workspace is a part of it because an import keeps the ids and the times of documents, and draws their pages itself.
    pub(crate) fn of(tenant: Uuid, sha256: &[u8], has_images: bool, read_at: Option<DateTime<Utc>>) -> Option<Self> {
        let ended = read_at.filter(|_| has_images)?.timestamp_micros();
        let hash = Sha256::new().chain_update(tenant.as_bytes()).chain_update(sha256).chain_update(ended.to_be_bytes());
        Some(Self(super::hexadecimal(&hash.finalize()[..16])))
    }
}

impl fmt::Display for ImagesDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;

    #[test]
    fn other_images_have_another_digest() {
        let (acme, globex) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let read: DateTime<Utc> = "2026-11-24T01:01:00.000001Z".parse().unwrap();
        let again: DateTime<Utc> = "2026-11-24T01:01:00.000002Z".parse().unwrap();
        let digest = |tenant, sha256: [u8; 32], read| ImagesDigest::of(tenant, &sha256, true, Some(read)).unwrap();
        let known = digest(acme, [1; 32], read);
        assert_eq!(known, digest(acme, [1; 32], read));
        assert_eq!((known.as_str().len(), known.to_string()), (32, known.as_str().to_owned()));
        for other in [digest(globex, [1; 32], read), digest(acme, [2; 32], read), digest(acme, [1; 32], again)] {
            assert_ne!(other, known);
        }
    }

    #[test]
    fn what_is_not_drawn_to_its_end_has_none() {
        let read = Some(DateTime::UNIX_EPOCH);
        assert_eq!(ImagesDigest::of(Uuid::nil(), &[0; 32], true, None), None);
        assert_eq!(ImagesDigest::of(Uuid::nil(), &[0; 32], false, read), None);
    }
}
