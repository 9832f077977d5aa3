//! Work that is done later, by a worker: nothing slow happens in a request.
//!
//! A job is a struct with the trait [`Job`]. [`enqueue`] writes it in the transaction of the change that causes it, so
//! there is never the one without the other. [`work`] runs the kinds in a [`Registry`] until it is told to stop. A job
//! runs at least once, and again after a crash, so `run` must be idempotent.
//!
//! apalis is the executor (workers, layers, monitor) and is known to this module alone. What to run and what became of it
//! is in the table `job`: a lease with a token for each attempt, renewed by a task of its own; the attempt is counted
//! when it is claimed; whoever writes about an attempt must show its token.

mod backend;
mod backoff;
mod context;
mod control;
mod enqueue;
mod job;
mod lease;
mod poller;
mod registry;
mod settle;
mod store;
mod wake;
mod work;
mod worker_store;

pub use context::JobContext;
pub use control::{cancel, find_dead, retry, status};
pub use enqueue::{Enqueue, Enqueued, enqueue};
pub use job::{Job, JobError, JobState, JobStatus, Priority};
pub use registry::{Concurrency, Registry};
pub use wake::Wake;
pub use work::work;
