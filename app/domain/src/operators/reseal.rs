//! Secrets that the database keeps sealed, sealed anew when the key changes. They are those of the operators' apps; whatever else
//! is sealed goes to browsers and is good for minutes. The command line alone does it, as the owner of the schema.

use std::collections::BTreeMap;

use super::{people::purpose, reseal_store as store};
use crate::{Services, error::Result, id::OperatorId};

/// Secrets of one transaction. Their rows are locked meanwhile.
const BATCH: i64 = 100;

/// How many secrets are sealed with which key.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// By the id of the key, which is one of ours.
    pub by_key: BTreeMap<String, u64>,
    /// With a key that is not here: nobody can open them, and `sheaf operator reset-totp` makes others.
    pub unknown: u64,
}

impl Sealed {
    /// How many a key that is to be taken away still opens.
    pub fn with(&self, key: &str) -> u64 {
        self.by_key.get(key).copied().unwrap_or_default()
    }

    fn count(&mut self, key: Option<&str>) {
        match key {
            Some(key) => *self.by_key.entry(key.to_owned()).or_default() += 1,
            None => self.unknown += 1,
        }
    }
}

/// Counts what is sealed with which key.
pub async fn sealed(services: &Services) -> Result<Sealed> {
    let (mut found, mut last) = (Sealed::default(), None);
    loop {
        let mut system = services.db.system().await?;
        let batch = store::page(&mut system, last, BATCH).await?;
        system.commit().await?;
        for (operator, sealed) in &batch {
            found.count(services.keys.sealed_with(sealed, &purpose(*operator)));
        }
        last = batch.last().map(|(operator, _)| *operator);
        if last.is_none() {
            return Ok(found);
        }
    }
}

/// Seals with the first key whatever was sealed with another one, and returns how many that were. The secrets stay what they
/// are. It may be interrupted and done again; servers go on meanwhile, as they open what either key has sealed.
pub async fn reseal(services: &Services) -> Result<u64> {
    let (mut resealed, mut last) = (0, None);
    loop {
        let mut system = services.db.system().await?;
        let batch = store::lock_page(&mut system, last, BATCH).await?;
        for (operator, sealed) in &batch {
            if let Some(anew) = sealed_anew(services, *operator, sealed)? {
                store::set_sealed(&mut system, *operator, &anew).await?;
                resealed += 1;
            }
        }
        system.commit().await?;
        last = batch.last().map(|(operator, _)| *operator);
        if last.is_none() {
            return Ok(resealed);
        }
    }
}

/// None where the first key has sealed it, or none that is here.
fn sealed_anew(services: &Services, operator: OperatorId, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
    let (keys, purpose) = (&services.keys, purpose(operator));
    if keys.sealed_with(sealed, &purpose) == keys.ids().first().map(String::as_str) {
        return Ok(None);
    }
    keys.open(sealed, &purpose).map(|secret| keys.seal(&secret, &purpose)).transpose()
}
