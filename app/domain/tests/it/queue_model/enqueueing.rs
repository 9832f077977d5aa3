//! Jobs are put into the queue: one and many, with keys and windows, for now and for later, up to the limit of a lane.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ErrorKind, Result,
    db::TenantTx,
    queue::{self, Enqueue, Enqueued, JobState, Priority, machine},
};

use super::{
    Card,
    drive::{Drive, hours, short},
    reference::{Job, Lane, LaneKey, Moment},
    table,
};

/// Unfinished jobs, beyond which there is work enough: a comparison should stay cheap.
const ENOUGH: usize = 1_500;

/// Of one lane, so that one which is paused does not take the place of the others.
const ENOUGH_OF_LANE: usize = 120;

/// Keys of a lane.
const KEYS: usize = 15;

/// A job to be made.
struct Wish {
    number: u64,
    key: Option<usize>,
    /// In hours.
    window: Option<usize>,
    later: usize,
    priority: Option<Priority>,
}

/// When something was asked for, first by the clock of this process and then by the database's.
#[derive(Clone, Copy)]
struct Times {
    later: Moment,
    now: Moment,
}

impl Wish {
    fn options(&self, from: DateTime<Utc>) -> Enqueue {
        let later = TimeDelta::hours(i64::try_from(self.later).unwrap());
        Enqueue {
            key: self.key.map(table::key),
            // A job of so many hours ago is half an hour beyond it, and one of an hour less is half an hour within.
            window: self.window.map(|window| hours(window) - Duration::from_secs(1_800)),
            run_at: (self.later > 0).then(|| from + later),
            priority: self.priority,
            ..Enqueue::default()
        }
    }
}

impl Drive<'_> {
    pub async fn enqueue_all(&mut self) -> usize {
        let (lane, count) = (self.any_lane(), self.random.between(1, 100));
        if self.model.unfinished() > ENOUGH || self.unfinished(lane) > ENOUGH_OF_LANE {
            return 0;
        }
        let wishes: Vec<Wish> = (0..count).map(|_| self.wish()).collect();
        let (from, mut tx, times) = self.begin(lane).await;
        let answer = match lane.1 {
            0 => queue::enqueue_all(&mut tx, &self.world.services.clock, cards::<0>(&wishes, from)).await,
            1 => queue::enqueue_all(&mut tx, &self.world.services.clock, cards::<1>(&wishes, from)).await,
            _ => queue::enqueue_all(&mut tx, &self.world.services.clock, cards::<2>(&wishes, from)).await,
        };
        self.check(lane, &wishes, answer, times);
        usable(tx).await;
        count
    }

    pub async fn enqueue(&mut self) -> usize {
        let (lane, wish) = (self.any_lane(), self.wish());
        let (from, mut tx, times) = self.begin(lane).await;
        let (clock, number, options) = (&self.world.services.clock, wish.number, wish.options(from));
        let answer = match lane.1 {
            0 => queue::enqueue(&mut tx, clock, &Card::<0> { number }, options).await,
            1 => queue::enqueue(&mut tx, clock, &Card::<1> { number }, options).await,
            _ => queue::enqueue(&mut tx, clock, &Card::<2> { number }, options).await,
        };
        self.check(lane, &[wish], answer.map(|one| vec![one]), times);
        usable(tx).await;
        1
    }

    /// A transaction in which something is made, with the time from which what is for later is counted.
    async fn begin(&mut self, lane: LaneKey) -> (DateTime<Utc>, TenantTx, Times) {
        let (from, later) = (self.world.services.clock.now(), self.model.now());
        let tx = self.tenant(lane.0).await;
        machine::count_anew(&tx);
        (from, tx, Times { later, now: self.model.now() })
    }

    fn unfinished(&self, lane: LaneKey) -> usize {
        self.model.lanes.get(&lane).map_or(0, Lane::unfinished)
    }

    fn wish(&mut self) -> Wish {
        self.made += 1;
        let random = &mut self.random;
        let key = random.percent(25).then(|| random.below(KEYS));
        let window = (key.is_some() && random.percent(50)).then(|| random.between(1, 4));
        let later = if random.percent(15) { random.between(1, 3) } else { 0 };
        let priority = random.pick(&[None, Some(Priority::Batch), Some(Priority::Normal), Some(Priority::Interactive)]);
        Wish { number: self.made, key, window, later, priority }
    }

    /// Either all is in the queue, or the limit was in the way and nothing is.
    fn check(&mut self, lane: LaneKey, wishes: &[Wish], answer: Result<Vec<Enqueued>>, times: Times) {
        let before = self.unfinished(lane);
        let limit = self.model.lanes.get(&lane).map_or(100_000, |lane| lane.max_waiting);
        match answer {
            Ok(answers) => {
                self.note(format!("enqueue in {lane:?}: {}", short(answers.iter().map(|one| one.id.0))));
                assert_eq!(answers.len(), wishes.len(), "an answer for each");
                let made = wishes.iter().zip(&answers).map(|(wish, one)| self.learn(lane, wish, *one, times));
                let made = made.filter(|is_new| *is_new).count();
                assert!(made == 0 || before + made <= limit, "{before} and {made} are more than {limit}");
            }
            Err(error) => {
                self.note(format!("enqueue {} in {lane:?}: {error}", wishes.len()));
                assert!(error.is(ErrorKind::RateLimited), "{error}");
                assert!(before + wishes.len() > limit, "{before} and {} are within {limit}", wishes.len());
            }
        }
    }

    /// Whether it is new.
    fn learn(&mut self, lane: LaneKey, wish: &Wish, answer: Enqueued, times: Times) -> bool {
        let same = wish.key.map(|key| self.model.same(lane, key, wish.window)).unwrap_or_default();
        assert_eq!(answer.existing, !same.is_empty(), "{answer:?}, where {same:?} have the key {:?}", wish.key);
        if answer.existing {
            assert!(same.contains(&answer.id), "{answer:?}, where {same:?} have the key {:?}", wish.key);
            return false;
        }
        let later = Moment { hour: times.later.hour + wish.later, ..times.later };
        let run_at = if wish.later == 0 { times.now } else { later };
        let job = Job {
            lane,
            key: wish.key,
            priority: wish.priority.unwrap_or_default(),
            state: JobState::Waiting,
            attempt: 0,
            run_at,
            made: self.model.hour,
            lease: None,
            is_cancelling: false,
            milliseconds: 0,
        };
        self.model.insert(answer.id, job);
        true
    }
}

/// After a refusal the transaction goes on.
async fn usable(mut tx: TenantTx) {
    queue::find_dead(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

fn cards<const K: usize>(wishes: &[Wish], from: DateTime<Utc>) -> Vec<(Card<K>, Enqueue)> {
    wishes.iter().map(|wish| (Card { number: wish.number }, wish.options(from))).collect()
}
