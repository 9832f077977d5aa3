//! The text of a key.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::{ApiKeyId, TenantId};

/// What every key begins with, so that whoever finds one knows whose it is.
pub const BEGINNING: &str = "sheaf_";

/// The ids of key and tenant, 32 bytes, in base64 without padding.
const NAMED_CHARACTERS: usize = 43;

/// Characters of them that are shown, 72 bits: the moment at which the key was made, and 18 random ones.
const SHOWN: usize = 12;

/// `sheaf_{key and tenant}_{secret}`. Which key it is and of which tenant are claims: in any other tenant than the one that made
/// it, it finds nothing. The id of the key comes first, as all keys of a tenant would begin alike otherwise.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct KeyToken {
    pub key: ApiKeyId,
    pub tenant: TenantId,
    secret: [u8; 32],
}

impl KeyToken {
    pub fn new(tenant: TenantId, key: ApiKeyId, secret: [u8; 32]) -> Self {
        Self { key, tenant, secret }
    }

    /// None for whatever is not the text of a key, letter for letter.
    pub fn parse(text: &str) -> Option<Self> {
        let (named, secret) = text.strip_prefix(BEGINNING)?.split_at_checked(NAMED_CHARACTERS)?;
        let named: [u8; 32] = URL_SAFE_NO_PAD.decode(named).ok()?.try_into().ok()?;
        let secret: [u8; 32] = URL_SAFE_NO_PAD.decode(secret.strip_prefix('_')?).ok()?.try_into().ok()?;
        let (key, tenant) = named.split_at(16);
        let (key, tenant) = (Uuid::from_slice(key).ok()?, Uuid::from_slice(tenant).ok()?);
        Some(Self { key: ApiKeyId(key), tenant: TenantId(tenant), secret })
    }

    /// What is told once, to whoever makes the key.
    pub fn to_text(&self) -> String {
        format!("{BEGINNING}{}_{}", named(self.tenant, self.key), URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// SHA-256 of its secret, which is all of it that is kept.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }

    /// Whether this is the hash of its secret, told in the same time for any other.
    pub fn is_of(&self, hash: &[u8]) -> bool {
        verify_slices_are_equal(&self.hash(), hash).is_ok()
    }
}

/// How the text of a key begins, without anything of its secret.
pub(super) fn beginning(tenant: TenantId, key: ApiKeyId) -> String {
    let shown: String = named(tenant, key).chars().take(SHOWN).collect();
    format!("{BEGINNING}{shown}")
}

fn named(tenant: TenantId, key: ApiKeyId) -> String {
    URL_SAFE_NO_PAD.encode([key.0.into_bytes(), tenant.0.into_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_nothing_else_is_one() {
        let (tenant, key) = (TenantId(Uuid::from_u128(9)), ApiKeyId(Uuid::from_u128(7)));
        let token = KeyToken::new(tenant, key, [0xff; 32]);
        let text = token.to_text();
        assert_eq!(text.len(), 6 + 43 + 1 + 43);
        assert!(KeyToken::parse(&text) == Some(token.clone()));
        assert!(token.is_of(&token.hash()) && !token.is_of(&KeyToken::new(tenant, key, [0; 32]).hash()));
        assert!(text.starts_with(&beginning(tenant, key)));
        let shorter = &text[..text.len() - 1];
        // The last character stands for four bits of the secret; no other says the same of it.
        let (longer, other_end) = (format!("{text}A"), format!("{shorter}9"));
        let others = ["", "sheaf_", "sheaf_ü", shorter, &text[1..], longer.as_str(), other_end.as_str()];
        for other in others {
            assert!(KeyToken::parse(other).is_none(), "{other:?}");
        }
    }
}
