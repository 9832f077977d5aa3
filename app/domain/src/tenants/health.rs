//! How a workspace does: what could be read, what waits, what did not arrive, and what is stored.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Of which days the reading is told.
pub const READING_DAYS: i64 = 30;

/// Documents that are looked at, the newest first. Where there are more, `is_more` says so.
pub const MOST_READ: i64 = 10_000;

/// What waits is counted to one more than this.
pub const MOST_WAITING: i64 = 1_000;

/// What did not arrive is counted to one more than this.
pub const MOST_MAILS: i64 = 50;

/// The figures, as far as whoever asks may see what they are of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantHealth {
    /// Documents of the last 30 days that were read whole, in part, and not at all.
    pub read: i64,
    pub partly_read: i64,
    pub unreadable: i64,
    /// Whether there were more documents than are looked at.
    pub is_more: bool,
    /// Documents and reports that wait or are worked on.
    pub waiting_documents: i64,
    pub waiting_reports: i64,
    /// Since when the oldest of those documents is there.
    pub waiting_since: Option<DateTime<Utc>>,
    /// Documents that wait for page credits, and that nobody works on before there are some.
    pub held_documents: i64,
    /// Mails that have not arrived so far: those that are tried again, and those that were given up.
    pub undelivered: i64,
    /// In bytes.
    pub stored_bytes: i64,
}

impl TenantHealth {
    /// The part of a hundred that was read whole or in part; none where nothing was to be read.
    pub fn read_per_cent(&self) -> Option<i64> {
        ((self.read + self.partly_read) * 100).checked_div(self.read + self.partly_read + self.unreadable)
    }
}

#[cfg(feature = "server")]
mod verb {
    use std::time::Duration;

    use chrono::TimeDelta;

    use super::{READING_DAYS, TenantHealth};
    use crate::{
        Services,
        actor::{Action, Member},
        cache::Kept,
        error::Result,
        tenants::health_store,
    };

    /// The figures, as one who asks sees what they are of. Thousands of rows are counted for them.
    ///
    /// Invalidated by: what is announced of documents, which are also what is stored, of reports, of mails, and of members, who take
    /// what is private along; and by 30 seconds.
    const HEALTH: Kept<TenantHealth> =
        Kept::new("tenants.health", 2, &["document", "report", "mail", "member"]).shared_for(Duration::from_secs(30));

    /// How the member's workspace does.
    pub async fn health(services: &Services, member: &Member) -> Result<TenantHealth> {
        member.require(Action::ReadHealth)?;
        let since = services.clock.now() - TimeDelta::days(READING_DAYS);
        let read = services.db.read(member, |mut tx| async move {
            let counted = (health_store::health(&mut tx, since).await?, tx.source());
            tx.commit().await?;
            Ok(counted)
        });
        let (epochs, key) = (services.db.epochs(), member.sees_as());
        Ok(TenantHealth::clone(&*services.cache.cached_from(epochs, &HEALTH, member.tenant, key, read).await?))
    }
}

#[cfg(feature = "server")]
pub use verb::health;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_in_part_was_read() {
        let of =
            |read, partly_read, unreadable| TenantHealth { read, partly_read, unreadable, ..TenantHealth::default() };
        assert_eq!(of(0, 0, 0).read_per_cent(), None);
        assert_eq!(
            [of(1, 0, 0), of(1, 1, 2), of(0, 0, 5)].map(|health| health.read_per_cent()),
            [Some(100), Some(50), Some(0)]
        );
    }
}
