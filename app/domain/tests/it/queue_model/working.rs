//! What workers do: claim, settle in time or too late, renew, rescue, stop, and die.

use std::collections::{BTreeMap, BTreeSet};

use domain::queue::{
    JobState,
    machine::{self, End, Held, Lanes},
};
use uuid::Uuid;

use super::{
    EXTRA, KINDS, MAX_ATTEMPTS,
    claims::{self, Asked},
    drive::{Drive, Holding, hours, short},
    reference::{Lease, Moment},
    table,
};

/// Attempts that one statement settles or renews.
const BATCH: usize = 80;

/// Of one kind, of which a statement claims at most a hundred together.
const ROOM: usize = 33;

/// Attempts that were settled and are remembered.
const SETTLED: usize = 200;

impl Drive<'_> {
    pub async fn claim(&mut self) -> usize {
        let (asked, lease) = (self.ask(), self.random.between(1, 3));
        // Who is dead claims nothing.
        let place = self.random.below(self.workers.len() - 1);
        let worker = self.workers[place].id;
        let seen = table::lanes(&mut self.admin).await;
        self.note(format!("worker {place} asks for {asked:?}"));
        let (kinds, room, paused) = asked.columns();
        let claim = machine::claim(&self.pool, worker, &kinds, &room, hours(lease), &paused, &asked.lanes);
        let taken = claim.await.unwrap();
        self.note(format!("claimed for {lease} hours: {}", short(taken.iter().map(|job| job.held.job.0))));
        claims::check(&self.model, &asked, &seen, &taken);
        for job in &taken {
            let lease = Lease { token: job.held.token, worker, until: self.model.hour + lease };
            self.model.claim(job.held.job, lease);
            let holding = Holding { held: job.held, kind: table::kind(&job.kind), attempt: job.attempt };
            self.workers[place].holds.push(holding);
        }
        taken.len()
    }

    pub async fn settle(&mut self) -> usize {
        let mut chosen = self.choose(true);
        if self.random.percent(10) {
            chosen.extend(self.settled.iter().rev().take(3));
        }
        if chosen.is_empty() {
            return 0;
        }
        let ends: Vec<(End, usize)> = chosen.iter().map(|holding| self.end(*holding)).collect();
        let (statement, expected) = (self.model.now(), self.holding(&chosen));
        let asked: Vec<End> = ends.iter().map(|(end, _)| end.clone()).collect();
        self.note(format!("settle {}, of which hold {}", short(jobs(&chosen)), short(expected.iter().copied())));
        let held: BTreeSet<Uuid> = machine::settle(&self.pool, &asked).await.unwrap().into_iter().collect();
        assert_eq!(held, expected, "the tokens that held");
        for (end, pause) in ends.iter().filter(|(end, _)| held.contains(&end.held.token)) {
            let next = (*pause > 0).then_some(Moment { hour: statement.hour + pause, ..statement });
            let milliseconds = i64::try_from(end_milliseconds(end)).unwrap();
            self.model.settle(end.held.job, end.state, next, milliseconds, end.attempts_back);
        }
        self.settled.extend(&chosen);
        self.settled.drain(..self.settled.len().saturating_sub(SETTLED));
        chosen.len()
    }

    pub async fn renew(&mut self) -> usize {
        let (chosen, lease) = (self.choose(false), self.random.between(1, 3));
        if chosen.is_empty() {
            return 0;
        }
        let held: Vec<Held> = chosen.iter().map(|holding| holding.held).collect();
        self.note(format!("renew for {lease} hours: {}", short(jobs(&chosen))));
        let answer = machine::renew(&self.pool, &held, hours(lease)).await.unwrap();
        let answer: BTreeMap<Uuid, bool> = answer.into_iter().collect();
        let holds = held.iter().filter(|held| self.model.holds(held.job, held.token));
        let expected: BTreeMap<Uuid, bool> =
            holds.map(|held| (held.token, self.model.jobs[&held.job].is_cancelling)).collect();
        assert_eq!(answer, expected, "the leases that hold, and whose jobs are to end");
        for held in held.iter().filter(|held| answer.contains_key(&held.token)) {
            self.model.renew(held.job, self.model.hour + lease);
        }
        held.len()
    }

    /// Until nothing is left to free, as each statement may free some alone.
    pub async fn rescue(&mut self) -> usize {
        let expired = self.model.expired();
        let mut freed = 0;
        loop {
            let some = machine::rescue(&self.pool, EXTRA, "the worker died").await.unwrap();
            freed += some;
            if some == 0 {
                break;
            }
            assert!(freed <= expired.len(), "{freed} were freed, where {} had run out", expired.len());
        }
        self.note(format!("rescue {}", short(expired.iter().map(|id| id.0))));
        assert_eq!(freed, expired.len(), "all whose lease had run out are free");
        expired.iter().for_each(|id| self.model.rescue(*id));
        freed
    }

    /// A clean stop. Whoever has the id afterwards is another start of the process.
    pub async fn hand_back(&mut self) -> usize {
        let place = self.random.below(self.workers.len() - 1);
        let worker = self.workers[place].id;
        let expected = self.model.held_by(worker);
        self.note(format!("worker {place} hands back {}", short(expected.iter().map(|id| id.0))));
        let left: Vec<End> = self.workers[place].holds.iter().map(unfinished).collect();
        let handed_back = machine::settle(&self.pool, &left).await.unwrap();
        assert_eq!(handed_back.len(), expected.len(), "what it held is handed back");
        expected.iter().for_each(|id| self.model.hand_back(*id));
        self.bury(place);
        expected.len()
    }

    /// A worker that is killed tells nobody. What it had comes back with its ghost, sometimes before the lease is over.
    pub fn crash(&mut self) -> usize {
        let place = self.random.below(self.workers.len() - 1);
        self.note(format!("worker {place} dies"));
        self.bury(place)
    }

    fn bury(&mut self, place: usize) -> usize {
        self.workers[place].id = self.world.services.clock.id();
        let holds = std::mem::take(&mut self.workers[place].holds);
        let ghost = self.workers.last_mut().unwrap();
        let count = holds.len();
        ghost.holds.extend(holds);
        count
    }

    fn ask(&mut self) -> Asked {
        let mut room = BTreeMap::new();
        for kind in 0..KINDS.len() {
            // Where a kind is paused, nobody asks for it.
            if self.random.percent(85) {
                room.insert(kind, self.random.between(1, ROOM));
            }
        }
        let lanes = match self.random.below(10) {
            0 => Lanes::After(self.random.pick(&self.tenants).0),
            1..=3 => Lanes::Of(self.tenants.iter().map(|tenant| (*tenant, [None; 3])).collect()),
            _ => Lanes::After(Uuid::nil()),
        };
        Asked { room, paused: self.paused.clone(), lanes }
    }

    /// Some attempts of one worker, dead or alive, which it has no more if `take` is so.
    fn choose(&mut self, take: bool) -> Vec<Holding> {
        // Of two, the one that has more, so that jobs come to an end.
        let pair = [self.random.below(self.workers.len()), self.random.below(self.workers.len())];
        let place = pair.into_iter().max_by_key(|place| self.workers[*place].holds.len()).unwrap();
        let holds = &mut self.workers[place].holds;
        let count = self.random.between(1, BATCH).min(holds.len());
        // The chosen are moved to the end.
        for chosen in 0..count {
            let left = holds.len() - chosen;
            holds.swap(self.random.below(left), left - 1);
        }
        let from = holds.len() - count;
        if take { holds.split_off(from) } else { holds[from..].to_vec() }
    }

    /// How an attempt ends, and the hours until another may begin.
    fn end(&mut self, holding: Holding) -> (End, usize) {
        let chance = self.random.below(100);
        let (state, attempts_back) = match chance {
            0..=59 => (JobState::Done, false),
            60..=66 => (JobState::Dead, false),
            67..=70 => (JobState::Cancelled, false),
            71..=75 => (JobState::Waiting, true),
            // Where no attempt is left, telling the feature is tried a few times more.
            _ if holding.attempt < MAX_ATTEMPTS + EXTRA => (JobState::Waiting, false),
            _ => (JobState::Dead, false),
        };
        let pause = if state == JobState::Waiting { self.random.below(3) } else { 0 };
        let seconds = self.random.below(5_000) as f64 / 1_000.0;
        let kind = KINDS[holding.kind].to_owned();
        (End { held: holding.held, kind, state, pause: hours(pause), seconds, attempts_back }, pause)
    }

    /// Which of the tokens are still those of their jobs.
    fn holding(&self, chosen: &[Holding]) -> BTreeSet<Uuid> {
        let tokens = chosen.iter().map(|holding| holding.held);
        tokens.filter(|held| self.model.holds(held.job, held.token)).map(|held| held.token).collect()
    }
}

/// As a worker leaves it that stops.
fn unfinished(holding: &Holding) -> End {
    let (held, kind) = (holding.held, KINDS[holding.kind].to_owned());
    End { held, kind, state: JobState::Waiting, pause: hours(0), seconds: 0.0, attempts_back: true }
}

fn end_milliseconds(end: &End) -> u64 {
    (end.seconds * 1_000.0).round() as u64
}

fn jobs(chosen: &[Holding]) -> Vec<Uuid> {
    chosen.iter().map(|holding| holding.held.job.0).collect()
}
