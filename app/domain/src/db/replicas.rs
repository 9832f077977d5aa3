//! The replicas of the database: which of them may answer a read.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use sqlx::{PgPool, postgres::PgConnectOptions};

use super::{
    Position, Seen,
    heard::Heard,
    replica::{Replica, Standing},
};
use crate::{id::TenantId, metrics};

/// Where a transaction reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Primary,
    Replica,
}

pub(super) struct Replicas {
    all: Vec<Arc<Replica>>,
    heard: Arc<Heard>,
    /// Whether this process hears what others announce.
    listens: Arc<AtomicBool>,
    next: AtomicUsize,
    by_replica: AtomicU64,
    by_primary: AtomicU64,
}

impl Replicas {
    /// Begins to look at them, in tasks that end when they are closed.
    pub fn start(primary: PgPool, replicas: Vec<PgConnectOptions>, connections: u32, listens: Arc<AtomicBool>) -> Self {
        let heard = Arc::new(Heard::new(primary));
        tokio::spawn(heard.clone().answer());
        let open = |(index, options)| Arc::new(Replica::open(index + 1, options, connections));
        let all: Vec<_> = replicas.into_iter().enumerate().map(open).collect();
        for replica in &all {
            tokio::spawn(replica.clone().watch(heard.clone()));
        }
        let (next, by_replica, by_primary) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0));
        Self { all, heard, listens, next, by_replica, by_primary }
    }

    pub fn heard(&self) -> &Arc<Heard> {
        &self.heard
    }

    /// A replica that has come far enough for whoever asks, in turn, and how far that is; or why there is none.
    ///
    /// Far enough is as far as their own last write, which they bring along, and as whatever this process has heard of their tenant.
    /// One that hears nothing does not know what that is.
    pub fn choose(&self, tenant: Option<TenantId>) -> Result<(&Replica, Position), &'static str> {
        let heard = self.heard.needed(tenant).filter(|_| self.listens.load(Ordering::Relaxed));
        let own = Seen::current().map_or(Position::START, |seen| seen.position());
        let needed = heard.ok_or("unheard")?.max(own);
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut why = "unknown";
        for offset in 0..self.all.len() {
            let replica: &Replica = &self.all[first.wrapping_add(offset) % self.all.len()];
            match replica.standing() {
                Standing::Good if replica.has_reached(needed) => return Ok((replica, needed)),
                Standing::Good => why = "behind",
                standing => why = standing.word(),
            }
        }
        Err(why)
    }

    /// Counts that a replica has answered.
    pub fn answered(&self) {
        self.by_replica.fetch_add(1, Ordering::Relaxed);
        metrics::DATABASE_READS.add(1, [("place", "replica"), ("reason", "reached")]);
    }

    /// Counts that the primary answers what a replica might have, and why.
    pub fn passed_over(&self, why: &'static str) {
        self.by_primary.fetch_add(1, Ordering::Relaxed);
        metrics::DATABASE_READS.add(1, [("place", "primary"), ("reason", why)]);
    }

    /// All of them are looked at again before they are asked again: it is not known which has let somebody down.
    pub fn doubt(&self) {
        for replica in &self.all {
            replica.doubt();
        }
    }

    /// Reads that a replica has answered, and those that the primary has.
    pub fn counts(&self) -> (u64, u64) {
        (self.by_replica.load(Ordering::Relaxed), self.by_primary.load(Ordering::Relaxed))
    }

    pub async fn close(&self) {
        for replica in &self.all {
            replica.close().await;
        }
    }
}
