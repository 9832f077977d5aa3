//! How far a replica must have come to answer for a tenant, as far as this process has heard of changes.
//!
//! The rule by which nothing that is kept, and no page that is looked at again, is older than what was announced:
//!
//! 1. Whatever raises an epoch (`cache::Epochs`: a commit of this process, an announcement by Postgres or by Redis, a gap) notes its
//!    tenant here *before* it does. From then on no replica answers for that tenant.
//! 2. The primary is asked where its log is. That question is sent after the change was committed, so its answer lies behind the
//!    change. An announcement cannot carry that place along: it is written before its commit has one.
//! 3. The answer is kept as the place that a replica must have reached, and only then the note is taken away.
//!
//! So whoever has read an epoch, and begins to read a replica after that, reads all changes which that epoch counts, or reads the
//! primary. A value that is kept under an epoch in this process may therefore come from a replica. One that other processes find
//! (in Redis) may not: those may have heard of more than the one that has read it (`cache::Cache::cached_from`).
//!
//! One question is under way at a time, and answers all that was noted before it was sent. So the primary is asked at most once a
//! round trip, however much is committed.

use std::{
    collections::{HashMap, VecDeque, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::PgPool;
use tokio::{
    sync::{Notify, OnceCell, oneshot},
    time::{sleep, timeout},
};

use super::Position;
use crate::id::TenantId;

/// So many places are known, 16 bytes each. Several tenants share one, as there are more of them: then one waits for what another
/// has changed.
const STRIPES: usize = 1 << 12;

/// The primary has so long to say where it is.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// Between two tries to ask it.
const RETRIED_EVERY: Duration = Duration::from_millis(250);

/// What is only noted is asked about so much later: a replica has not come to it before anyway.
const GATHERED_FOR: Duration = Duration::from_millis(5);

/// Of the places where the primary was, so many are remembered, one in this time: longer together than any lag that is borne.
const SAMPLES: usize = 128;
const SAMPLED_EVERY: Duration = Duration::from_millis(100);

/// What this process has heard of.
pub(crate) struct Heard {
    primary: PgPool,
    /// Which cluster the primary is, by the number that it and its replicas share.
    system: OnceCell<i64>,
    stripes: Box<[Stripe]>,
    /// Of all tenants: when changes may have been missed.
    all: Stripe,
    questions: Mutex<Questions>,
    asked: Notify,
    /// Somebody waits for the answer.
    awaited: Notify,
    samples: Mutex<VecDeque<(Instant, Position)>>,
}

#[derive(Default)]
struct Stripe {
    /// Changes of which it is not known yet where they are.
    noted: AtomicU32,
    position: AtomicU64,
}

/// What the next answer of the primary is for.
#[derive(Default)]
struct Questions {
    /// How often each stripe was noted; `None` is that of all tenants.
    notes: HashMap<Option<usize>, u32>,
    waiting: Vec<oneshot::Sender<Position>>,
}

impl Heard {
    pub fn new(primary: PgPool) -> Self {
        let stripes = std::iter::repeat_with(Stripe::default).take(STRIPES).collect();
        Self {
            primary,
            system: OnceCell::new(),
            stripes,
            all: Stripe::default(),
            questions: Mutex::default(),
            asked: Notify::new(),
            awaited: Notify::new(),
            samples: Mutex::default(),
        }
    }

    /// Something of this tenant has changed and is committed.
    pub fn note(&self, tenant: TenantId) {
        self.note_stripe(Some(stripe_of(tenant)));
    }

    /// What this process has written in this tenant is shown by a database that has come so far.
    pub fn raise(&self, tenant: TenantId, position: Position) {
        self.stripe(Some(stripe_of(tenant))).position.fetch_max(position.0, Ordering::AcqRel);
    }

    /// Anything may have changed.
    pub fn note_all(&self) {
        self.note_stripe(None);
    }

    /// How far a database must have come to show what was heard of; none while that is being asked.
    pub fn needed(&self, tenant: Option<TenantId>) -> Option<Position> {
        let own = tenant.map(|tenant| self.stripe(Some(stripe_of(tenant))));
        [Some(&self.all), own].into_iter().flatten().try_fold(Position::START, |needed, stripe| {
            let is_known = stripe.noted.load(Ordering::Acquire) == 0;
            is_known.then(|| needed.max(Position(stripe.position.load(Ordering::Acquire))))
        })
    }

    /// Where the primary is, as it says after this was asked: behind whatever was committed before. `UNKNOWN` where it does not say
    /// within a second.
    pub async fn position(&self) -> Position {
        let (answer, answered) = oneshot::channel();
        self.questions().waiting.push(answer);
        self.asked.notify_one();
        self.awaited.notify_one();
        timeout(PATIENCE, answered).await.ok().and_then(Result::ok).unwrap_or(Position::UNKNOWN)
    }

    /// How old a database is at most that has come so far: the time since the primary was there. None where that is longer ago than is
    /// remembered. No clocks of two machines are compared, and a primary on which nothing happens makes nobody late.
    pub fn age_of(&self, position: Position) -> Option<Duration> {
        let samples = self.samples.lock().expect("no thread panics while it holds this lock");
        samples.iter().rev().find(|(_, sample)| *sample <= position).map(|(at, _)| at.elapsed())
    }

    /// Which cluster the primary is; none where it does not say.
    pub async fn system(&self) -> Option<i64> {
        let question = "select system_identifier from pg_control_system()";
        let ask = async {
            let answered = sqlx::query_scalar::<_, i64>(question).fetch_one(&self.primary);
            timeout(PATIENCE, answered).await.ok().and_then(Result::ok).ok_or(())
        };
        self.system.get_or_try_init(|| ask).await.ok().copied()
    }

    /// Asks the primary what is to be asked, until its pool is closed.
    pub async fn answer(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.asked.notified() => {}
                () = self.primary.close_event() => return,
            }
            if self.questions().waiting.is_empty() {
                // One question for many changes, unless somebody comes who waits for it.
                timeout(GATHERED_FOR, self.awaited.notified()).await.ok();
            }
            let questions = std::mem::take(&mut *self.questions());
            if questions.notes.is_empty() && questions.waiting.is_empty() {
                continue;
            }
            let asked = Instant::now();
            match timeout(PATIENCE, self.ask()).await {
                Ok(Ok(position)) => self.settle(questions, asked, position),
                failed => {
                    tracing::debug!(?failed, "the primary did not say where its log is; trying again");
                    self.put_back(questions);
                    sleep(RETRIED_EVERY).await;
                }
            }
        }
    }

    async fn ask(&self) -> sqlx::Result<Position> {
        let question = "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8";
        sqlx::query_scalar::<_, i64>(question).fetch_one(&self.primary).await.map(Position::of_bytes)
    }

    fn settle(&self, questions: Questions, asked: Instant, position: Position) {
        self.sample(asked, position);
        for (stripe, notes) in questions.notes {
            let stripe = self.stripe(stripe);
            stripe.position.fetch_max(position.0, Ordering::AcqRel);
            stripe.noted.fetch_sub(notes, Ordering::AcqRel);
        }
        for waiting in questions.waiting {
            // Whoever has gone away meanwhile does not need it.
            waiting.send(position).ok();
        }
    }

    /// Those who wait are told that it is not known. What was noted stays noted.
    fn put_back(&self, failed: Questions) {
        let mut questions = self.questions();
        for (stripe, notes) in failed.notes {
            *questions.notes.entry(stripe).or_default() += notes;
        }
        drop(questions);
        self.asked.notify_one();
    }

    /// By when the primary was asked, it may have been there already, and not later.
    fn sample(&self, asked: Instant, position: Position) {
        let mut samples = self.samples.lock().expect("no thread panics while it holds this lock");
        let is_due = samples.back().is_none_or(|(last, _)| asked.duration_since(*last) >= SAMPLED_EVERY);
        if is_due {
            samples.push_back((asked, position));
            if samples.len() > SAMPLES {
                samples.pop_front();
            }
        }
    }

    fn note_stripe(&self, stripe: Option<usize>) {
        self.stripe(stripe).noted.fetch_add(1, Ordering::AcqRel);
        *self.questions().notes.entry(stripe).or_default() += 1;
        self.asked.notify_one();
    }

    fn stripe(&self, stripe: Option<usize>) -> &Stripe {
        stripe.map_or(&self.all, |number| &self.stripes[number])
    }

    fn questions(&self) -> MutexGuard<'_, Questions> {
        self.questions.lock().expect("no thread panics while it holds this lock")
    }
}

fn stripe_of(tenant: TenantId) -> usize {
    let mut hasher = DefaultHasher::new();
    tenant.hash(&mut hasher);
    usize::try_from(hasher.finish() % STRIPES as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
    use uuid::Uuid;

    use super::*;

    const ACME: TenantId = TenantId(Uuid::from_u128(1));
    const GLOBEX: TenantId = TenantId(Uuid::from_u128(2));

    fn heard() -> Heard {
        Heard::new(PgPoolOptions::new().connect_lazy_with(PgConnectOptions::new()))
    }

    #[tokio::test]
    async fn what_changes_while_the_primary_is_asked_is_asked_again() {
        let heard = heard();
        assert_eq!(heard.needed(Some(ACME)), Some(Position::START));
        heard.note(ACME);
        assert_eq!((heard.needed(Some(ACME)), heard.needed(Some(GLOBEX))), (None, Some(Position::START)));
        let questions = std::mem::take(&mut *heard.questions());
        heard.note(ACME);
        heard.settle(questions, Instant::now(), Position(5));
        assert_eq!(heard.needed(Some(ACME)), None, "the second change came after the question");
        let questions = std::mem::take(&mut *heard.questions());
        heard.put_back(questions);
        let questions = std::mem::take(&mut *heard.questions());
        heard.settle(questions, Instant::now(), Position(9));
        assert_eq!(heard.needed(Some(ACME)), Some(Position(9)));
        heard.note_all();
        assert_eq!([heard.needed(Some(GLOBEX)), heard.needed(None)], [None, None]);
    }

    #[tokio::test]
    async fn a_database_is_as_old_as_the_last_place_that_it_has_reached() {
        let (heard, now) = (heard(), Instant::now());
        assert_eq!(heard.age_of(Position(9)), None, "the primary was not asked yet");
        for (ago, place) in [(30, 10), (20, 20), (10, 20), (1, 30)] {
            heard.sample(now.checked_sub(Duration::from_secs(ago)).unwrap(), Position(place));
        }
        let seconds = |place| heard.age_of(Position(place)).map(|age| age.as_secs());
        assert_eq!([seconds(9), seconds(10), seconds(29), seconds(30)], [None, Some(30), Some(10), Some(1)]);
    }
}
