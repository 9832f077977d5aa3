//! Whether the log is what was written: every entry hashed anew, each linked to the one before, none missing, and the last one
//! where the head says that it is.

use super::{
    chain::{Link, NOTHING_BEFORE, hexadecimal},
    store::{self, Head},
};
use crate::{Services, actor::System, error::Result, id::TenantId};

/// Entries in one question.
const BATCH: i64 = 500;

/// More would tell nothing new: after the first the log is not to be trusted.
const MAX_FINDINGS: usize = 20;

/// What a check of a tenant's log has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Entries that were read.
    pub entries: u64,
    /// Of the last one, in hexadecimal. Kept elsewhere, it tells a later log that was written anew.
    pub last_hash: String,
    /// A sentence each, at most 20; none where the log is whole.
    pub findings: Vec<String>,
}

/// Checks the log of a tenant, with the services of a worker: only its role sees the heads.
pub async fn verify(services: &Services, tenant: TenantId) -> Result<Verified> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let mut chain = Chain::new(tenant);
    loop {
        // Asked before the entries: every entry that it counts is there then, also while others are being written.
        let head = store::head(&mut tx).await?;
        let links = store::links(&mut tx, chain.number, BATCH).await?;
        if links.is_empty() {
            chain.end(head);
            break;
        }
        links.iter().for_each(|link| chain.take(link));
    }
    tx.commit().await?;
    Ok(Verified { entries: chain.entries, last_hash: hexadecimal(&chain.hash), findings: chain.findings })
}

/// The log as far as it was read.
struct Chain {
    tenant: TenantId,
    entries: u64,
    /// Of the entry that was read last.
    number: i64,
    hash: Vec<u8>,
    findings: Vec<String>,
}

impl Chain {
    fn new(tenant: TenantId) -> Self {
        Self { tenant, entries: 0, number: 0, hash: NOTHING_BEFORE.to_vec(), findings: Vec::new() }
    }

    fn take(&mut self, link: &Link) {
        let (number, expected) = (link.number, self.number + 1);
        if number > expected {
            self.find(missing(expected, number - 1));
        } else if link.previous_hash != self.hash {
            self.find(format!("Entry {number} does not follow the entry before it: one of them was changed or moved."));
        }
        if link.hash != link.computed(self.tenant) {
            self.find(format!("Entry {number} is not what was written there: it was changed or moved."));
        }
        self.entries += 1;
        self.number = number;
        self.hash.clone_from(&link.hash);
    }

    /// `head` was read when every entry that it counts could be.
    fn end(&mut self, head: Option<Head>) {
        let Some(head) = head else {
            if self.number > 0 {
                self.find("Nothing says any more how many entries there are: the end may be missing.".into());
            }
            return;
        };
        if head.number > self.number {
            self.find(missing(self.number + 1, head.number));
        } else if head.number < self.number {
            let (last, first) = (head.number, head.number + 1);
            self.find(format!("Entry {last} was the last to be written, and entry {first} is there."));
        } else if head.hash != self.hash {
            self.find(format!("Entry {} is not the one that was written last.", self.number));
        }
    }

    fn find(&mut self, finding: String) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }
}

fn missing(first: i64, last: i64) -> String {
    if first == last { format!("Entry {first} is missing.") } else { format!("Entries {first} to {last} are missing.") }
}
