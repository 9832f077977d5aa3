//! Work that is done later, by a worker: nothing slow happens in a request.
//!
//! A job is a struct with the trait `Job`. `enqueue` writes it in the transaction of the change that causes it, so there is
//! never the one without the other. `work` runs the kinds in a `Registry` until it is told to stop. A job runs at least
//! once, and again after a crash, so `run` must be idempotent; what it does elsewhere it does in steps, which are kept.
//!
//! apalis is the executor (workers, layers, monitor) and is known to this module alone. What to run and what became of it
//! is in the table `job`: a lease with a token for each attempt, renewed by a task of its own; the attempt is counted
//! when it is claimed; whoever writes about an attempt must show its token. Each tenant has a lane for each kind (`job_lane`),
//! which says how much it has used and how many may run, so that nobody waits because a neighbour is busy.

mod progress;

#[cfg(feature = "server")]
mod backend;
#[cfg(feature = "server")]
mod backoff;
#[cfg(feature = "server")]
mod context;
#[cfg(feature = "server")]
mod control;
#[cfg(feature = "server")]
mod depths;
#[cfg(feature = "server")]
mod enqueue;
#[cfg(feature = "server")]
mod job;
#[cfg(feature = "server")]
mod lease;
#[cfg(feature = "server")]
mod poller;
#[cfg(feature = "server")]
mod registry;
#[cfg(feature = "server")]
mod rescuer;
#[cfg(feature = "server")]
mod settle;
#[cfg(feature = "server")]
mod settler;
#[cfg(feature = "server")]
mod steps;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod teller;
#[cfg(feature = "server")]
mod wake;
#[cfg(feature = "server")]
mod work;
#[cfg(feature = "server")]
mod worker_store;

pub use progress::Progress;

#[cfg(feature = "server")]
pub use self::{
    context::JobContext,
    control::{cancel, find_dead, retry, retry_dead, status},
    enqueue::{Enqueue, Enqueued, enqueue, enqueue_all},
    job::{Job, JobError, JobState, JobStatus, Priority},
    registry::{Concurrency, Registry},
    wake::Wake,
    work::work,
};
