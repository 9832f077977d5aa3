//! The kinds of job that a worker knows.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use serde_json::Value;

use super::{Job, JobContext, JobError};
use crate::error::{Error, Result};

/// The kinds that a worker runs. A job of any other kind stays where it is, for a version that knows it.
#[derive(Default)]
pub struct Registry {
    kinds: BTreeMap<&'static str, Kind>,
}

/// How many jobs of a kind run at once in this process, where it differs from what the kind asks for.
#[derive(Debug, Clone, Default)]
pub struct Concurrency {
    limits: BTreeMap<String, usize>,
}

/// A kind of job, with its type forgotten.
#[derive(Clone)]
pub(super) struct Kind {
    pub name: &'static str,
    pub timeout: Duration,
    pub concurrency: usize,
    pub backoff: fn(i32) -> Duration,
    pub run: RunFn,
    pub on_dead: OnDeadFn,
    pub on_cancelled: OnCancelledFn,
}

type RunFn = fn(JobContext, Arc<Value>) -> BoxFuture<'static, Result<(), JobError>>;
type OnDeadFn = fn(JobContext, Arc<Value>, String) -> BoxFuture<'static, Result<()>>;
type OnCancelledFn = fn(JobContext, Arc<Value>) -> BoxFuture<'static, Result<()>>;

impl Registry {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind of job. Two kinds with one name are a mistake in the program, and a panic at its start.
    #[must_use]
    pub fn register<J: Job>(mut self) -> Self {
        let kind = Kind {
            name: J::KIND,
            timeout: J::TIMEOUT,
            concurrency: J::CONCURRENCY,
            backoff: J::backoff,
            run: run::<J>,
            on_dead: on_dead::<J>,
            on_cancelled: on_cancelled::<J>,
        };
        let before = self.kinds.insert(J::KIND, kind);
        assert!(before.is_none(), "two kinds of job are called {}", J::KIND);
        self
    }

    /// Keeps these kinds, and leaves the others to other processes. Fails where one of them is not registered.
    pub fn only(mut self, kinds: &[&str]) -> Result<Self> {
        if let Some(unknown) = kinds.iter().find(|kind| !self.kinds.contains_key(**kind)) {
            let known: Vec<&str> = self.kinds().collect();
            let message = format!("There is no kind of job called {unknown}. There are: {}.", known.join(", "));
            return Err(Error::invalid("kinds", message));
        }
        self.kinds.retain(|name, _| kinds.contains(name));
        Ok(self)
    }

    /// The names, in alphabetical order.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.keys().copied()
    }

    /// The kinds with their limits. A limit of zero leaves a kind to other processes; one for an unknown kind is an error.
    pub(super) fn into_kinds(mut self, concurrency: &Concurrency) -> Result<Vec<Kind>> {
        for (name, limit) in &concurrency.limits {
            let kind = self.kinds.get_mut(name.as_str());
            let kind =
                kind.ok_or_else(|| Error::invalid("concurrency", format!("There is no kind of job called {name}.")))?;
            kind.concurrency = *limit;
        }
        Ok(self.kinds.into_values().filter(|kind| kind.concurrency > 0).collect())
    }
}

impl Concurrency {
    /// Runs at most this many jobs of the kind at once; zero for none.
    #[must_use]
    pub fn limit(mut self, kind: impl Into<String>, jobs: usize) -> Self {
        self.limits.insert(kind.into(), jobs);
        self
    }
}

fn run<J: Job>(context: JobContext, payload: Arc<Value>) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move { decode::<J>(&payload)?.run(&context).await })
}

fn on_dead<J: Job>(context: JobContext, payload: Arc<Value>, reason: String) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move {
        match decode_or_know::<J>(&context, &payload) {
            Some(job) => job.on_dead(&context, &reason).await,
            None => Ok(()),
        }
    })
}

fn on_cancelled<J: Job>(context: JobContext, payload: Arc<Value>) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move {
        match decode_or_know::<J>(&context, &payload) {
            Some(job) => job.on_cancelled(&context).await,
            None => Ok(()),
        }
    })
}

/// The job as its payload says it or, where that cannot be read, as what it is about does; none where there is nobody to tell.
fn decode_or_know<J: Job>(context: &JobContext, payload: &Value) -> Option<J> {
    decode::<J>(payload).ok().or_else(|| context.subject.and_then(J::about))
}

fn decode<J: Job>(payload: &Value) -> Result<J, JobError> {
    J::deserialize(payload)
        .map_err(|error| JobError::give_up(format!("the payload is not one of kind {}: {error}", J::KIND)))
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Nap {
        seconds: u32,
    }

    impl Job for Nap {
        const KIND: &'static str = "nap";
        const TIMEOUT: Duration = Duration::from_secs(1);

        async fn run(self, _: &JobContext) -> Result<(), JobError> {
            Ok(())
        }
    }

    #[derive(Serialize, Deserialize)]
    struct Walk {}

    impl Job for Walk {
        const KIND: &'static str = "walk";
        const TIMEOUT: Duration = Duration::from_secs(1);

        async fn run(self, _: &JobContext) -> Result<(), JobError> {
            Ok(())
        }
    }

    #[test]
    fn a_limit_changes_a_kind_and_zero_leaves_it_out() {
        let registry = || Registry::new().register::<Nap>();
        let limits = |limit| registry().into_kinds(&Concurrency::default().limit("nap", limit)).unwrap();
        assert_eq!(registry().into_kinds(&Concurrency::default()).unwrap()[0].concurrency, Nap::CONCURRENCY);
        assert_eq!(limits(7)[0].concurrency, 7);
        assert!(limits(0).is_empty());
    }

    #[test]
    fn a_process_may_leave_kinds_to_others() {
        let registry = || Registry::new().register::<Nap>().register::<Walk>();
        let names = |registry: Registry| registry.kinds().collect::<Vec<_>>();
        assert_eq!(names(registry().only(&["walk"]).unwrap()), ["walk"]);
        assert_eq!(names(registry().only(&["walk", "nap", "walk"]).unwrap()), ["nap", "walk"]);
        assert!(names(registry().only(&[]).unwrap()).is_empty());
        let refused = registry().only(&["nap", "run"]).err().unwrap();
        assert_eq!(refused.message, "There is no kind of job called run. There are: nap, walk.");
    }

    #[test]
    fn a_limit_for_an_unknown_kind_is_refused() {
        let kinds = Registry::new().register::<Nap>().into_kinds(&Concurrency::default().limit("nep", 1));
        assert_eq!(kinds.err().unwrap().field.as_deref(), Some("concurrency"));
    }

    #[test]
    #[should_panic(expected = "two kinds of job are called nap")]
    fn two_kinds_of_one_name_are_a_mistake() {
        let _ = Registry::new().register::<Nap>().register::<Nap>();
    }

    #[test]
    fn a_payload_of_another_shape_is_given_up() {
        let error = decode::<Nap>(&serde_json::json!({ "minutes": 1 })).err().unwrap();
        assert!(error.to_string().contains("seconds"), "{error}");
    }
}
