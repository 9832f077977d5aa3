//! One poller a process: it claims as many jobs as can begin at once and never more, so that nothing waits in a buffer
//! under a lease.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    JobContext,
    claim_store::{self, Claim, ClaimedRow, Place, Wanted},
    fault,
    lease::{LEASE, Lease, Leases},
    left_behind::LeftBehind,
    low_water::LowWater,
    registry::Kind,
    teller::Teller,
    worker_store::{self, Attempt},
};
use crate::{
    Services,
    error::{Error, Result},
    metrics,
};

/// Without a notification: the longest a job that is due waits for a free worker to look.
const POLL: Duration = Duration::from_secs(1);

/// Of one claim; the leases count from when it was sent.
const STATEMENT: Duration = Duration::from_secs(5);

/// How old the list of what is paused may be. It is kept, as a claim must not cost two questions.
const PAUSED_TTL: Duration = Duration::from_secs(1);

/// Between two claims, while jobs end one after the other: each claim takes what has become free meanwhile.
const GATHER: Duration = Duration::from_millis(5);

/// The same after a claim of many, whose statement costs as much as hundreds of its jobs do: at the longest, until half of them
/// have ended.
const GATHER_MANY: Duration = Duration::from_millis(25);

/// Jobs that begin or end together from which on they are many, and are gathered for the statement that writes them.
pub(super) const MANY: usize = 64;

/// The longest pause while the database is away.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// A claimed job on its way to its worker.
pub(super) struct Claimed {
    pub context: JobContext,
    pub payload: Arc<serde_json::Value>,
    /// Of the attempt before.
    pub last_error: Option<String>,
    /// It is claimed to tell its feature that it is cancelled, and is not run.
    pub is_cancelling: bool,
    pub held: Arc<HeldJob>,
}

/// What a running job occupies; all of it is free again when this is dropped.
pub(super) struct HeldJob {
    pub lease: Lease,
    _slot: Slot,
}

/// Room for one job of a kind.
struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    bell: Arc<Notify>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        // First the room, then the bell: the poller must find it.
        drop(self.permit.take());
        self.bell.notify_one();
    }
}

/// Where the jobs of one kind go.
pub(super) struct Lane {
    name: &'static str,
    slots: Arc<Semaphore>,
    jobs: mpsc::UnboundedSender<Claimed>,
}

impl Lane {
    /// The lane, and the end at which its worker takes the jobs out.
    pub fn new(kind: &Kind) -> (Self, mpsc::UnboundedReceiver<Claimed>) {
        // Unbounded, but never with more in it than the slots: each job holds one.
        let (jobs, taken) = mpsc::unbounded_channel();
        (Self { name: kind.name, slots: Arc::new(Semaphore::new(kind.concurrency)), jobs }, taken)
    }
}

pub(super) struct Poller {
    pub services: Arc<Services>,
    pub pool: PgPool,
    pub worker: Uuid,
    pub lanes: Vec<Lane>,
    pub leases: Leases,
    pub left_behind: LeftBehind,
    /// Rung by notifications, by slots that become free, and by rescues. It remembers one ring, so none is lost while
    /// a claim is under way.
    pub bell: Arc<Notify>,
    pub paused: Paused,
    pub teller: Teller,
    pub round: Round,
    pub low_water: LowWater,
    pub last: LastClaim,
}

/// A walk past all tenants that have work, of which one claim looks at some: each goes on where the one before has stopped, so that
/// however many there are, each has its turn.
#[derive(Default)]
pub(super) struct Round {
    /// The last tenant that was looked at; nil at the beginning.
    reached: Uuid,
    /// Whether anything was taken.
    has_found: bool,
}

impl Round {
    /// Notes what a claim found. True where the next may find more: in lanes that this one did not look at, or took only a part of.
    fn goes_on(&mut self, found: bool, reached: Option<Uuid>) -> bool {
        let has_found = self.has_found || found;
        *self = Self { reached: reached.unwrap_or_default(), has_found: has_found && reached.is_some() };
        has_found || reached.is_some()
    }
}

/// How many jobs the last claim took, and how much room it left.
#[derive(Default)]
pub(super) struct LastClaim {
    jobs: usize,
    room: usize,
}

/// What is not begun, as it was when it was last asked for.
#[derive(Default)]
pub(super) struct Paused {
    kinds: Vec<String>,
    tenants: Vec<Uuid>,
    asked: Option<Instant>,
}

impl Paused {
    async fn look(&mut self, pool: &PgPool) -> Result<()> {
        if self.asked.is_none_or(|asked| asked.elapsed() >= PAUSED_TTL) {
            (self.kinds, self.tenants) = worker_store::paused(pool).await?;
            self.asked = Some(Instant::now());
        }
        Ok(())
    }
}

impl Poller {
    /// Claims until told to stop. The database may be away for any time.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut failures = 0;
        while !shutdown.is_cancelled() {
            let pause = match self.claim().await {
                Ok(()) => {
                    failures = 0;
                    self.low_water.is_waited_for(Instant::now()).map_or(POLL, |left| left.min(POLL))
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(error = %error, failures, "no jobs could be claimed; trying again");
                    pause_after(failures)
                }
            };
            let rung = async {
                // While the database is away a bell brings it back no sooner.
                if failures > 0 { std::future::pending().await } else { self.bell.notified().await }
            };
            let claimed = Instant::now();
            tokio::select! {
                () = rung => self.gather(claimed).await,
                () = sleep(pause) => {}
                () = shutdown.cancelled() => {}
            }
        }
    }

    /// Waits for more jobs to end, so that one claim takes what all of them have left.
    async fn gather(&self, claimed: Instant) {
        sleep(GATHER.saturating_sub(claimed.elapsed())).await;
        while self.last.jobs >= MANY
            && self.free() < self.last.room + self.last.jobs / 2
            && claimed.elapsed() < GATHER_MANY
        {
            sleep(GATHER).await;
        }
    }

    async fn claim(&mut self) -> Result<()> {
        let late = |_| Error::unavailable("database: no answer in time");
        timeout(STATEMENT, self.paused.look(&self.pool)).await.map_err(late)??;
        let (kinds, room) = self.room();
        self.last = LastClaim::default();
        if kinds.is_empty() {
            return Ok(());
        }
        fault::point("claim.before");
        let asked = Instant::now();
        let known = self.low_water.lanes(asked);
        let place = known.as_deref().map_or(Place::All { after: self.round.reached }, Place::Known);
        let (worker, paused) = (self.worker, self.paused.tenants.as_slice());
        let wanted = Wanted { worker, lease: LEASE, kinds: &kinds, room: &room, paused, place };
        let claimed = timeout(STATEMENT, claim_store::claim(&self.pool, &wanted)).await;
        if claimed.is_err() && known.is_none() {
            self.low_water.gave_up(Instant::now());
        }
        // That no answer came does not say that nothing was taken.
        let Claim { jobs, reached } =
            claimed.unwrap_or_else(|elapsed| Err(late(elapsed))).inspect_err(|_| self.left_behind.note())?;
        let more = if known.is_some() {
            self.low_water.took(&jobs, asked);
            !jobs.is_empty()
        } else {
            self.low_water.looked_at_all(&jobs, asked.elapsed(), Instant::now());
            self.round.goes_on(!jobs.is_empty(), reached)
        };
        if more {
            self.bell.notify_one();
        }
        if !jobs.is_empty() {
            fault::point("claim.after");
        }
        let room = self.free();
        self.last = LastClaim { jobs: jobs.len(), room: room.saturating_sub(jobs.len()) };
        for row in jobs {
            self.hand_over(row, asked);
        }
        Ok(())
    }

    /// How many more jobs could begin, of whatever kind.
    fn free(&self) -> usize {
        self.lanes.iter().map(|lane| lane.slots.available_permits()).sum()
    }

    /// The kinds of which more can begin, and how many. Only this poller takes slots, so there is no less room later.
    fn room(&self) -> (Vec<String>, Vec<i32>) {
        let free = |lane: &Lane| i32::try_from(lane.slots.available_permits()).unwrap_or(i32::MAX);
        let lanes = self.lanes.iter().map(|lane| (lane.name.to_owned(), free(lane)));
        lanes.filter(|(name, free)| *free > 0 && !self.paused.kinds.contains(name)).unzip()
    }

    fn hand_over(&self, row: ClaimedRow, asked: Instant) {
        let lane = self.lanes.iter().find(|lane| lane.name == row.kind);
        let Some((lane, permit)) = lane.and_then(|lane| Some((lane, lane.slots.clone().try_acquire_owned().ok()?)))
        else {
            // The statement answers no more than was asked for. Were it otherwise, the lease would run out.
            tracing::error!(job.id = %row.id, job.kind = row.kind, "a job was claimed for which there is no room");
            return;
        };
        metrics::JOBS_CLAIMED.add(1, [("kind", lane.name)]);
        metrics::JOB_LAG.took(Duration::try_from_secs_f64(row.waited).unwrap_or_default(), [("kind", lane.name)]);
        self.teller.note(row.tenant);
        let lease =
            self.leases.hold(Attempt { tenant: row.tenant, job: row.id, token: row.token, kind: lane.name }, asked);
        let claimed = Claimed {
            context: JobContext::new(self.services.clone(), self.pool.clone(), &row, &lease),
            payload: Arc::new(row.payload),
            last_error: row.last_error,
            is_cancelling: row.is_cancelling,
            held: Arc::new(HeldJob { lease, _slot: Slot { permit: Some(permit), bell: self.bell.clone() } }),
        };
        // Its worker is gone only while this process ends; what is held then is handed back.
        lane.jobs.send(claimed).ok();
    }
}

fn pause_after(failures: u32) -> Duration {
    Duration::from_millis(100).saturating_mul(1 << failures.min(10)).min(MAX_PAUSE)
}
