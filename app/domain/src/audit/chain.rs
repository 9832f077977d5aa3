//! How entries are linked: what is hashed of each, as the database does it when it writes one (`audit_hash` in
//! migrations/20261122000510_audit_chain.sql).

use std::fmt::Write;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::TenantId;

/// What the first entry of a tenant has in the place of a hash before it.
pub(super) const NOTHING_BEFORE: [u8; 32] = [0; 32];

/// An entry with every field that is hashed, as the database prints it.
pub(super) struct Link {
    pub number: i64,
    pub id: Uuid,
    pub account_id: Option<Uuid>,
    pub act: String,
    pub subject_id: Option<Uuid>,
    /// With the length of its network: `10.0.0.1/32`.
    pub address: Option<String>,
    pub created_at: DateTime<Utc>,
    /// The text of the JSON.
    pub detail: String,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

impl Link {
    /// The hash that it must carry. Each field is its length in four bytes, the highest first, and then its bytes; what is null
    /// has the length -1.
    pub fn computed(&self, tenant: TenantId) -> [u8; 32] {
        let (number, at) = (self.number.to_be_bytes(), self.created_at.timestamp_micros().to_be_bytes());
        let fields: [Option<&[u8]>; 10] = [
            Some(&self.previous_hash),
            Some(tenant.0.as_bytes()),
            Some(&number),
            Some(self.id.as_bytes()),
            self.account_id.as_ref().map(|id| &id.as_bytes()[..]),
            Some(self.act.as_bytes()),
            self.subject_id.as_ref().map(|id| &id.as_bytes()[..]),
            self.address.as_deref().map(str::as_bytes),
            Some(&at),
            Some(self.detail.as_bytes()),
        ];
        let mut hash = Sha256::new();
        for field in fields {
            // Fields are far shorter than two gigabytes: the table bounds the detail, and the rest is short by its type.
            let length = field.map_or(-1, |field| i32::try_from(field.len()).unwrap_or(i32::MAX));
            hash.update(length.to_be_bytes());
            hash.update(field.unwrap_or_default());
        }
        hash.finalize().into()
    }
}

/// Lowercase hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes whatever is written to it");
        text
    })
}
