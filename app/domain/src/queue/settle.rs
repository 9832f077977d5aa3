//! Running one attempt to its end, and writing down what became of it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use apalis_core::error::BoxDynError;
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::{
    JobContext, JobError, JobState, backoff, fault,
    job::Remedy,
    lease::{Lease, Stop, StopReason},
    poller::HeldJob,
    registry::Kind,
    rescuer::{EXTRA_CLAIMS, WORKER_DIED},
    settler::Settler,
    worker_store::Settlement,
};
use crate::{error::Result, metrics};

/// What a job has left once it was cancelled, to leave things in order. With the half second that the heartbeat takes to
/// notice, a cancel is effective within two.
const GRACE_OF_CANCEL: Duration = Duration::from_secs(1);

/// What a job has left when its worker stops, to finish after all. The process is to end within a second.
const GRACE_OF_SHUTDOWN: Duration = Duration::from_millis(500);

/// Of a feature to be told of the end of its job.
const TELLING: Duration = Duration::from_secs(10);

/// Before a job whose feature could not be told that it is cancelled is claimed for that again. It is waited here, as in the
/// table it keeps its place.
const PAUSE_OF_TELLING: Duration = Duration::from_secs(1);

/// The longest before a job is asked again that may not be done now.
const PAUSE_OF_WAITING: Duration = Duration::from_secs(5 * 60);

/// Errors are for reading: of a longer one, this many characters are kept.
const MAX_ERROR: usize = 2_000;

/// One attempt, with all that it takes to settle it.
pub(super) struct AttemptRun {
    pub kind: Arc<Kind>,
    pub settler: Settler,
    pub context: JobContext,
    pub payload: Arc<Value>,
    pub last_error: Option<String>,
    /// Its end was asked for before this attempt. Then it is claimed to tell its feature, and is not run.
    pub is_cancelling: bool,
    pub held: Arc<HeldJob>,
}

/// What is to be written.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Done,
    Retry(String),
    /// The same, and the attempt was none.
    Wait(String),
    Dead(String),
    Cancelled,
    /// Nothing: what this process held is handed back when it ends, and what it lost is somebody else's.
    Leave,
}

impl Verdict {
    /// Each word that `as_str` may answer.
    const WORDS: [&str; 5] = ["done", "failed", "dead", "cancelled", "left"];

    fn as_str(&self) -> &'static str {
        let [done, failed, dead, cancelled, left] = Self::WORDS;
        match self {
            Self::Done => done,
            Self::Retry(_) => failed,
            Self::Dead(_) => dead,
            Self::Cancelled => cancelled,
            Self::Leave | Self::Wait(_) => left,
        }
    }
}

/// Makes the counters of these kinds known before anything has happened, so that the first dead letter is seen as an increase.
pub(super) fn count_from_zero(kinds: &[Arc<Kind>]) {
    for kind in kinds {
        metrics::JOBS_CLAIMED.add(0, [("kind", kind.name)]);
        for outcome in Verdict::WORDS {
            metrics::JOBS_ENDED.add(0, [("kind", kind.name), ("outcome", outcome)]);
        }
    }
}

impl AttemptRun {
    /// Whether its attempts were spent before this one. Then it is claimed to be buried, and is not run.
    pub fn is_spent(&self) -> bool {
        self.context.attempt > self.context.max_attempts
    }

    /// Runs the attempt and writes down what became of it.
    pub async fn run(self, work: impl Future<Output = Result<(), BoxDynError>> + Send) {
        let (stop, begun) = (&self.lease().stop, Instant::now());
        let verdict = if self.is_cancelling {
            Verdict::Cancelled
        } else if self.is_spent() {
            Verdict::Dead(self.last_error.clone().unwrap_or_else(|| WORKER_DIED.into()))
        } else {
            fault::point("run.before");
            self.lease().runs(self.kind.timeout);
            let outcome = until_stopped(work, stop).await;
            self.lease().has_run();
            fault::point("run.after");
            judge(outcome, stop.reason(), self.context.is_last_attempt())
        };
        let verdict = match verdict {
            Verdict::Dead(reason) => self.bury(reason).await,
            Verdict::Cancelled => self.call_off().await,
            other => other,
        };
        let took = begun.elapsed();
        self.tell(&verdict, took);
        self.write(verdict, took).await;
    }

    fn lease(&self) -> &Lease {
        &self.held.lease
    }

    /// Tells the feature before the job becomes a dead letter, so that it is told even if this worker dies in between.
    async fn bury(&self, reason: String) -> Verdict {
        fault::point("dead.before_told");
        let told = (self.kind.on_dead)(self.context.clone(), self.payload.clone(), reason.clone());
        let Some(failure) = failure_of(told).await else {
            fault::point("dead.after_told");
            return Verdict::Dead(reason);
        };
        tracing::warn!(error = failure, "a feature could not be told that its job is dead");
        if self.may_tell_again() { Verdict::Retry(reason) } else { Verdict::Dead(reason) }
    }

    /// Tells the feature before a cancelled job is over, in the same way.
    async fn call_off(&self) -> Verdict {
        fault::point("cancelled.before_told");
        let told = (self.kind.on_cancelled)(self.context.clone(), self.payload.clone());
        let Some(failure) = failure_of(told).await else {
            fault::point("cancelled.after_told");
            return Verdict::Cancelled;
        };
        tracing::warn!(error = failure, "a feature could not be told that its job is cancelled");
        if !self.may_tell_again() {
            return Verdict::Cancelled;
        }
        sleep(PAUSE_OF_TELLING).await;
        Verdict::Retry(failure)
    }

    /// Of whatever is not told after these claims, the feature finds out by itself, when it is swept.
    fn may_tell_again(&self) -> bool {
        self.context.attempt < self.context.max_attempts + EXTRA_CLAIMS
    }

    fn tell(&self, verdict: &Verdict, took: Duration) {
        metrics::JOBS_ENDED.add(1, [("kind", self.kind.name), ("outcome", verdict.as_str())]);
        metrics::JOB_SECONDS.took(took, [("kind", self.kind.name)]);
        metrics::minute::worked(self.kind.name, took, matches!(verdict, Verdict::Retry(_) | Verdict::Dead(_)));
        tracing::Span::current().record("job.outcome", verdict.as_str());
        match verdict {
            Verdict::Done => tracing::debug!("job done"),
            Verdict::Retry(error) => tracing::warn!(error, "attempt of a job failed; it will be tried again"),
            Verdict::Dead(error) => tracing::error!(error, "job failed for good"),
            Verdict::Wait(reason) => tracing::info!(reason, "job waits, and its attempt does not count"),
            Verdict::Cancelled => tracing::info!("job cancelled"),
            Verdict::Leave => tracing::info!(reason = ?self.lease().stop.reason(), "job left unfinished"),
        }
    }

    async fn write(&self, verdict: Verdict, took: Duration) {
        let Some(settlement) = self.settlement(verdict, took) else { return };
        if !self.settler.write(settlement, self.held.clone()).await {
            tracing::warn!("the lease of a job was lost before its end; nothing was written about it");
        }
    }

    fn settlement(&self, verdict: Verdict, took: Duration) -> Option<Settlement> {
        let is_free = matches!(verdict, Verdict::Wait(_));
        let (state, error) = match verdict {
            Verdict::Done => (JobState::Done, None),
            Verdict::Retry(error) | Verdict::Wait(error) => (JobState::Waiting, Some(error)),
            Verdict::Dead(error) => (JobState::Dead, Some(error)),
            Verdict::Cancelled => (JobState::Cancelled, None),
            Verdict::Leave => return None,
        };
        let longest = if is_free { PAUSE_OF_WAITING } else { (self.kind.backoff)(self.context.attempt) };
        let pause = backoff::jitter(longest, self.context.services.clock.random());
        let result = if state == JobState::Done { self.context.take_result() } else { None };
        let error = error.map(|error| shorten(&error).replace('\0', " "));
        Some(Settlement { attempt: self.lease().attempt, state, pause, error, result, took, is_free })
    }
}

/// Why a feature could not be told; none where it was.
async fn failure_of(told: BoxFuture<'static, Result<()>>) -> Option<String> {
    match timeout(TELLING, AssertUnwindSafe(told).catch_unwind()).await {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(error))) => Some(error.to_string()),
        Ok(Err(_)) => Some("it panicked".into()),
        Err(_) => Some("it took too long".into()),
    }
}

/// The result of the work, or none where it had to be dropped.
async fn until_stopped<T>(work: impl Future<Output = T>, stop: &Stop) -> Option<T> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        biased;
        outcome = &mut work => return Some(outcome),
        () = stop.stopped() => {}
    }
    let grace = match stop.reason() {
        Some(StopReason::Cancelled) => GRACE_OF_CANCEL,
        Some(StopReason::ShuttingDown) => GRACE_OF_SHUTDOWN,
        // What may be another worker's by now gets none.
        Some(StopReason::Lost) | None => return None,
    };
    timeout(grace, work).await.ok()
}

fn judge(outcome: Option<Result<(), BoxDynError>>, stopped: Option<StopReason>, is_last_attempt: bool) -> Verdict {
    let error = match (outcome, stopped) {
        (Some(Ok(())), _) => return Verdict::Done,
        (_, Some(StopReason::Cancelled)) => return Verdict::Cancelled,
        (_, Some(StopReason::Lost | StopReason::ShuttingDown)) | (None, None) => return Verdict::Leave,
        (Some(Err(error)), None) => error,
    };
    let remedy = error.downcast_ref::<JobError>().map_or(Remedy::Retry, |error| error.remedy);
    let reason =
        if error.is::<tower::timeout::error::Elapsed>() { "it took too long".into() } else { error.to_string() };
    match remedy {
        Remedy::Cancelled => Verdict::Cancelled,
        Remedy::Wait => Verdict::Wait(reason),
        Remedy::Retry if !is_last_attempt => Verdict::Retry(reason),
        Remedy::Retry | Remedy::GiveUp => Verdict::Dead(reason),
    }
}

fn shorten(error: &str) -> &str {
    error.char_indices().nth(MAX_ERROR).map_or(error, |(end, _)| &error[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(error: JobError) -> Option<Result<(), BoxDynError>> {
        Some(Err(error.into()))
    }

    #[test]
    fn a_failure_is_tried_again_until_the_last_attempt() {
        assert_eq!(judge(failed(JobError::retry("away")), None, false), Verdict::Retry("away".into()));
        assert_eq!(judge(failed(JobError::retry("away")), None, true), Verdict::Dead("away".into()));
        assert_eq!(judge(failed(JobError::give_up("never")), None, false), Verdict::Dead("never".into()));
        assert_eq!(judge(failed(JobError::wait("paused")), None, true), Verdict::Wait("paused".into()));
    }

    #[test]
    fn a_job_that_finishes_in_spite_of_a_cancel_is_done() {
        assert_eq!(judge(Some(Ok(())), Some(StopReason::Cancelled), false), Verdict::Done);
        assert_eq!(judge(None, Some(StopReason::Cancelled), false), Verdict::Cancelled);
        assert_eq!(judge(failed(JobError::retry("torn")), Some(StopReason::Cancelled), true), Verdict::Cancelled);
    }

    #[test]
    fn what_is_stopped_with_its_worker_spends_no_attempt() {
        assert_eq!(judge(None, Some(StopReason::ShuttingDown), true), Verdict::Leave);
        assert_eq!(judge(failed(JobError::give_up("torn")), Some(StopReason::ShuttingDown), true), Verdict::Leave);
        assert_eq!(judge(None, Some(StopReason::Lost), true), Verdict::Leave);
    }

    #[test]
    fn a_long_error_is_cut_between_characters() {
        assert_eq!(shorten("short"), "short");
        assert_eq!(shorten(&"ä".repeat(MAX_ERROR + 5)).chars().count(), MAX_ERROR);
    }

    #[tokio::test]
    async fn a_stopped_job_has_a_moment_to_leave_and_a_lost_one_none() {
        let (stopping, lost) = (Stop::default(), Stop::default());
        stopping.stop(StopReason::ShuttingDown);
        lost.stop(StopReason::Lost);
        assert_eq!(until_stopped(sleep(GRACE_OF_SHUTDOWN / 50), &stopping).await, Some(()));
        assert_eq!(until_stopped(std::future::pending::<()>(), &stopping).await, None);
        assert_eq!(until_stopped(sleep(GRACE_OF_SHUTDOWN / 50), &lost).await, None);
    }
}
