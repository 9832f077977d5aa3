//! One replica: whether it may be asked, which is looked at in the background.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{PgPool, postgres::PgConnectOptions};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use super::{LIMITS, Position, begin, connect_to_ask, connect_within, heard::Heard, open::Open};
use crate::metrics;

/// How often it is looked at.
const LOOKED_EVERY: Duration = Duration::from_secs(1);

/// At most so often where somebody could not be answered because it had not come far enough: mostly it is there some milliseconds later.
const LOOKED_AT_MOST_EVERY: Duration = Duration::from_millis(50);

/// It has so long to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// A read waits no longer for a connection to it: the primary would have answered by then.
const ACQUIRED_WITHIN: Duration = Duration::from_millis(500);

/// A replica that is behind for longer is not asked, even by those who have written nothing: the answers of memory that nobody has
/// invalidated are no older either (`cache::Kept`), and nobody should see the workspace as it was before that.
pub(super) const MAX_AGE: Duration = Duration::from_secs(5);

/// Whether it may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody has looked yet.
    Unknown,
    Good,
    Lagging,
    /// It does not answer.
    Away,
    /// It takes writes of its own, so what it says is not what the primary says.
    Promoted,
    /// It follows another primary, or has what ours never had.
    Foreign,
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Good => "good",
            Self::Lagging => "lagging",
            Self::Away => "away",
            Self::Promoted => "promoted",
            Self::Foreign => "foreign",
        }
    }
}

pub(super) struct Replica {
    /// In the order of the settings, from one: addresses are not logged.
    number: usize,
    pool: PgPool,
    /// One connection to look at it, for which no read waits.
    eyes: PgPool,
    standing: Mutex<Standing>,
    /// It has come so far at least.
    replayed: AtomicU64,
    wanted: Notify,
}

/// What it says of itself.
type Said = (bool, i64, i64);

impl Replica {
    pub fn open(number: usize, options: PgConnectOptions, connections: u32) -> Self {
        let options = options.options(LIMITS);
        Self {
            number,
            pool: connect_within(options.clone(), connections, ACQUIRED_WITHIN),
            eyes: connect_to_ask(options, PATIENCE),
            standing: Mutex::new(Standing::Unknown),
            replayed: AtomicU64::new(0),
            wanted: Notify::new(),
        }
    }

    pub fn standing(&self) -> Standing {
        *self.standing.lock().expect("no thread panics while it holds this lock")
    }

    /// Whether it has come so far, as far as is known. It is looked at again soon where it has not.
    pub fn has_reached(&self, needed: Position) -> bool {
        let has_reached = self.replayed.load(Ordering::Acquire) >= needed.0;
        if !has_reached {
            self.wanted.notify_one();
        }
        has_reached
    }

    /// Begins with `statement`, if it follows a primary and has come so far in this moment. That it is asked in the same message
    /// costs no round trip; what was seen in the background is no proof, as another server may answer by now at that address. The
    /// question stands before BEGIN, where a failure leaves no transaction behind; the transaction begins with it all the same.
    pub async fn begin(&self, needed: Position, statement: &str) -> sqlx::Result<Open> {
        let has_come = format!("pg_is_in_recovery() and pg_last_wal_replay_lsn() >= '{}'::pg_lsn", needed.to_sql());
        begin::uncounted(&self.pool, format!("SELECT 1 / coalesce({has_come}, false)::int; {statement}")).await
    }

    /// It has let somebody down, so it is looked at again before it is asked again.
    pub fn doubt(&self) {
        self.stand(Standing::Unknown, "it did not answer a read");
        self.wanted.notify_one();
    }

    /// Looks at it until its pool is closed.
    pub async fn watch(self: Arc<Self>, heard: Arc<Heard>) {
        loop {
            self.look(&heard).await;
            tokio::select! {
                () = sleep(LOOKED_EVERY) => {}
                () = self.wanted.notified() => sleep(LOOKED_AT_MOST_EVERY).await,
                () = self.pool.close_event() => return,
            }
        }
    }

    pub async fn close(&self) {
        self.pool.close().await;
        self.eyes.close().await;
    }

    async fn look(&self, heard: &Heard) {
        let primary = heard.position().await;
        let said = timeout(PATIENCE, self.ask()).await;
        let (standing, why) = match &said {
            Ok(Ok(said)) => judge(heard, primary, *said).await,
            Ok(Err(error)) => (Standing::Away, error.to_string()),
            Err(_) => (Standing::Away, "it does not answer in time".into()),
        };
        if let Ok(Ok((_, replayed, _))) = said {
            // It is another server where it is behind what was known of it.
            self.replayed.store(Position::of_bytes(replayed).0, Ordering::Release);
            self.measure(heard, primary, Position::of_bytes(replayed));
        }
        self.stand(standing, &why);
    }

    async fn ask(&self) -> sqlx::Result<Said> {
        let question = "select pg_is_in_recovery(), coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::int8, 0),
                               (select system_identifier from pg_control_system())";
        sqlx::query_as(question).fetch_one(&self.eyes).await
    }

    fn stand(&self, standing: Standing, why: &str) {
        let mut known = self.standing.lock().expect("no thread panics while it holds this lock");
        let before = std::mem::replace(&mut *known, standing);
        drop(known);
        metrics::REPLICA_USED.set(f64::from(u8::from(standing == Standing::Good)), [("replica", self.label())]);
        if before == standing {
            return;
        }
        match standing {
            Standing::Promoted | Standing::Foreign => {
                tracing::error!(
                    replica = self.number,
                    why,
                    "a replica is not to be believed and is not asked any more"
                );
            }
            Standing::Lagging | Standing::Away => {
                tracing::warn!(replica = self.number, why, "a replica is not asked; the primary answers");
            }
            Standing::Unknown => tracing::info!(replica = self.number, why, "a replica is looked at again"),
            Standing::Good => tracing::info!(replica = self.number, "a replica answers reads"),
        }
    }

    fn measure(&self, heard: &Heard, primary: Position, replayed: Position) {
        if let Some(age) = heard.age_of(replayed) {
            metrics::REPLICA_AGE.set(age.as_secs_f64(), [("replica", self.label())]);
        }
        if primary != Position::UNKNOWN {
            let bytes = primary.0.saturating_sub(replayed.0);
            metrics::REPLICA_BYTES.set(bytes as f64, [("replica", self.label())]);
        }
    }

    fn label(&self) -> String {
        self.number.to_string()
    }
}

async fn judge(heard: &Heard, primary: Position, (is_replica, replayed, system): Said) -> (Standing, String) {
    if !is_replica {
        return (Standing::Promoted, "it is not in recovery".into());
    }
    match heard.system().await {
        Some(ours) if ours != system => return (Standing::Foreign, "it belongs to another cluster".into()),
        Some(_) => {}
        None => return (Standing::Unknown, "the primary does not say which cluster it is".into()),
    }
    let replayed = Position::of_bytes(replayed);
    // The primary was asked before, and may have gone on meanwhile.
    if replayed > primary && replayed > heard.position().await {
        return (Standing::Foreign, "it has what the primary has not".into());
    }
    match heard.age_of(replayed) {
        Some(age) if age <= MAX_AGE => (Standing::Good, String::new()),
        Some(age) => (Standing::Lagging, format!("it is {} seconds behind", age.as_secs())),
        None => (Standing::Lagging, "it is behind whatever is remembered of the primary".into()),
    }
}
