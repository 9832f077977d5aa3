//! Small secrets that the database keeps and cannot read: encrypted with keys that are derived from those which sign tokens,
//! and that only servers have.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hkdf::{HKDF_SHA256, Prk, Salt},
};

use crate::error::{Error, Result};

/// The first seals; the others still open, as with the keys they come from.
pub(super) struct SealingKeys {
    keys: Vec<RandomizedNonceKey>,
}

impl SealingKeys {
    /// One for each key that signs.
    pub fn derived(signing: &[Vec<u8>]) -> Result<Self> {
        Ok(Self { keys: signing.iter().map(|key| derive(key)).collect::<Result<_>>()? })
    }

    /// The nonce, then the secret with its tag.
    pub fn seal(&self, secret: &str, purpose: &str) -> Result<Vec<u8>> {
        let key = self.keys.first().ok_or_else(|| Error::internal("no key to seal secrets with"))?;
        let mut sealed = secret.as_bytes().to_vec();
        let nonce =
            key.seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut sealed).map_err(Error::internal)?;
        let nonce: &[u8; NONCE_LEN] = nonce.as_ref();
        Ok([nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// The secret, and the place of the key that it was sealed with.
    pub fn open(&self, sealed: &[u8], purpose: &str) -> Option<(usize, String)> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        self.keys.iter().enumerate().find_map(|(place, key)| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut opened = sealed.to_vec();
            let opened = key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut opened).ok()?;
            Some((place, String::from_utf8(opened.to_vec()).ok()?))
        })
    }
}

/// Makes of a secret the one that follows it: the same each time, and nobody without this key can tell which.
pub(super) struct Following(Prk);

impl Following {
    pub fn derived(signing: &[u8]) -> Self {
        Self(extract(signing))
    }

    /// What follows the secret in this session.
    pub fn secret(&self, session: &[u8; 16], secret: &[u8; 32]) -> Result<[u8; 32]> {
        let info: [&[u8]; 3] = [b"refresh token", session, secret];
        let mut next = [0; 32];
        self.0.expand(&info, HKDF_SHA256).and_then(|bytes| bytes.fill(&mut next)).map_err(Error::internal)?;
        Ok(next)
    }
}

/// RFC 5869, so that neither key tells anything of the other.
fn derive(signing: &[u8]) -> Result<RandomizedNonceKey> {
    let derived = extract(signing);
    let info: [&[u8]; 1] = [b"sealed secrets"];
    let mut key = [0; 32];
    derived.expand(&info, &AES_256_GCM).and_then(|bytes| bytes.fill(&mut key)).map_err(Error::internal)?;
    RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(Error::internal)
}

fn extract(signing: &[u8]) -> Prk {
    Salt::new(HKDF_SHA256, b"sheaf").extract(signing)
}
