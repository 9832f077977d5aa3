//! What people and operators do, and the passing of time.

use std::collections::BTreeSet;

use domain::{
    ErrorKind,
    id::JobId,
    queue::{self, JobState},
};

use super::{
    KINDS,
    drive::{Drive, short},
    table,
};

/// Jobs that one transaction cancels.
const CANCEL: usize = 6;

impl Drive<'_> {
    pub async fn cancel(&mut self) -> usize {
        let tenant = self.random.pick(&self.tenants);
        // Whoever cancels what is over is told that it is over.
        let all = self.jobs_of(tenant, |_| true);
        if all.is_empty() {
            return 0;
        }
        let chosen: BTreeSet<JobId> = (0..self.random.between(1, CANCEL)).map(|_| self.random.pick(&all)).collect();
        self.note(format!("cancel {}", short(chosen.iter().map(|id| id.0))));
        let mut tx = self.tenant(tenant).await;
        for id in &chosen {
            let state = queue::cancel(&mut tx, *id).await.unwrap();
            assert_eq!(state, self.model.cancel(*id), "the state of {id} after it was cancelled");
        }
        tx.commit().await.unwrap();
        chosen.len()
    }

    /// One at a time: a conflict ends the transaction.
    pub async fn retry(&mut self) -> usize {
        let tenant = self.random.pick(&self.tenants);
        let finished = self.jobs_of(tenant, |id| self.model.jobs[&id].state.is_finished());
        if finished.is_empty() {
            return 0;
        }
        let id = self.random.pick(&finished);
        let mut tx = self.tenant(tenant).await;
        let (may, now) = (self.model.may_retry(id), self.model.now());
        self.note(format!("run {} again, which may: {may}", short([id.0])));
        match queue::retry(&mut tx, id).await {
            Ok(()) => {
                assert!(may, "{id} was {:?}, or another with its key is under way", self.model.jobs[&id]);
                tx.commit().await.unwrap();
                self.model.retry(id, now);
            }
            Err(error) => {
                assert!(!may, "{id}: {error}");
                assert!(error.is(ErrorKind::Conflict), "{error}");
            }
        }
        1
    }

    /// All dead letters of a kind or of a tenant. Of those with one key at most one can be under way, whichever it is.
    pub async fn retry_dead(&mut self) -> usize {
        let tenant = self.random.pick(&self.tenants);
        let kind = self.random.percent(70).then(|| self.random.below(KINDS.len()));
        let is_meant = |id: JobId| {
            let job = &self.model.jobs[&id];
            job.state == JobState::Dead && kind.is_none_or(|kind| job.lane.1 == kind)
        };
        let dead = self.jobs_of(tenant, is_meant);
        let mut tx = self.tenant(tenant).await;
        let now = self.model.now();
        let retried = queue::retry_dead(&mut tx, kind.map(|kind| KINDS[kind])).await.unwrap();
        tx.commit().await.unwrap();
        let again = table::waiting(&mut self.admin, &dead).await;
        self.note(format!("run all dead of {kind:?} again: {} of {}", again.len(), dead.len()));
        assert_eq!(retried.len(), again.len(), "what was dead and waits now");
        for id in again.keys() {
            assert!(self.model.may_retry(*id), "another job with the key of {id} is under way");
            self.model.retry(*id, now);
        }
        for id in dead.iter().filter(|id| !again.contains_key(id)) {
            assert!(!self.model.may_retry(*id), "{id} is still dead");
        }
        again.len()
    }

    /// A claim is told which tenants are paused; those of a kind that is paused nobody asks for.
    pub fn pause(&mut self) -> usize {
        let tenant = self.random.pick(&self.tenants);
        if !self.paused.remove(&tenant) && self.paused.len() < 2 {
            self.paused.insert(tenant);
        }
        self.note(format!("paused are {:?}", self.paused));
        1
    }

    pub async fn limit(&mut self) -> usize {
        let key = self.any_lane();
        let weight = self.random.pick(&[0.5, 1.0, 2.0, 4.0]);
        let max_running = self.random.between(1, 24);
        let max_waiting = if self.random.percent(30) { self.random.between(20, 200) } else { 100_000 };
        let Some(lane) = self.model.lanes.get_mut(&key) else { return 0 };
        (lane.weight, lane.max_running, lane.max_waiting) = (weight, max_running, max_waiting);
        table::limit(&mut self.admin, key, weight, max_running, max_waiting).await;
        self.note(format!("the limits of {key:?} are {weight}, {max_running} and {max_waiting}"));
        1
    }

    pub async fn pass(&mut self) -> usize {
        let hours = self.random.between(1, 2);
        table::pass(&mut self.admin, hours).await;
        self.model.hour += hours;
        self.note(format!("{hours} hours later"));
        1
    }

    pub async fn idle(&mut self) -> usize {
        let seconds = self.random.between(1, 90);
        table::idle(&mut self.admin, seconds).await;
        self.model.lanes.values_mut().for_each(|lane| lane.idle(seconds));
        self.note(format!("the lanes forget what they used for {seconds} seconds"));
        1
    }
}
