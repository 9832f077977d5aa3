//! The secret in the link of an invitation.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::TenantId;

/// The tenant that invites and a secret of 256 bits, of which only the hash is kept. The tenant is a claim: in any other than
/// the one that made it, the secret finds nothing.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct InviteToken {
    pub tenant: TenantId,
    secret: [u8; 32],
}

impl InviteToken {
    pub fn new(tenant: TenantId, secret: [u8; 32]) -> Self {
        Self { tenant, secret }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, secret) = text.trim().split_once('.')?;
        let tenant = tenant.parse::<Uuid>().ok()?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { tenant: TenantId(tenant), secret })
    }

    pub fn to_text(&self) -> String {
        format!("{}.{}", self.tenant.0.simple(), URL_SAFE_NO_PAD.encode(self.secret))
    }

    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_else_is_one() {
        let token = InviteToken::new(TenantId(Uuid::from_u128(9)), [5; 32]);
        assert_eq!(token.to_text().len(), 32 + 1 + 43);
        assert!(InviteToken::parse(&token.to_text()) == Some(token));
        let probed = crate::status::PROBED_PAGE.strip_prefix("/invite?token=").and_then(InviteToken::parse);
        assert!(probed == Some(InviteToken::new(crate::live::NO_TENANT, [0; 32])), "it is looked for in the database");
        for text in ["", ".", "abc", "00000000000000000000000000000009.AAAA", "00000000000000000000000000000009"] {
            assert!(InviteToken::parse(text).is_none(), "{text:?}");
        }
    }
}
