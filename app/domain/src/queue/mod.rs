//! Work that is done later, by a worker: nothing slow happens in a request.
//!
//! A job is a struct with the trait [`Job`]. [`enqueue`] writes it in the transaction of the change that causes it, so
//! there is never the one without the other. [`work`] runs the kinds in a [`Registry`] until it is told to stop. A job
//! runs at least once, and again after a crash, so `run` must be idempotent; what it does elsewhere it does in steps, which
//! are kept.
//!
//! apalis is the executor (workers, layers, monitor) and is known to this module alone. What to run and what became of it
//! is in the table `job`: a lease with a token for each attempt, renewed by a task of its own; the attempt is counted
//! when it is claimed; whoever writes about an attempt must show its token. Each tenant has a lane for each kind (`job_lane`),
//! which says how much it has used and how many may run, so that nobody waits because a neighbour is busy.
//!
//! A [`Schedule`] is what happens by itself: [`run_schedules`] does each of its ticks once, in however many processes it runs.

mod backend;
mod backoff;
mod catch_up;
mod claim_store;
mod context;
mod control;
mod depths;
mod enqueue;
mod fan_out;
pub(crate) mod fault;
mod figures;
mod job;
mod lease;
mod left_behind;
mod low_water;
#[doc(hidden)]
pub mod machine;
mod poller;
mod registry;
mod rescuer;
mod rhythm;
mod schedule;
mod schedule_store;
mod settle;
mod settler;
mod steps;
mod store;
mod teller;
mod wake;
mod work;
mod worker_store;

pub use crate::progress::Progress;
pub use catch_up::CatchUp;
pub use context::JobContext;
pub use control::{anew, cancel, find_dead, retry, retry_dead, status};
pub use enqueue::{Enqueue, Enqueued, enqueue, enqueue_all};
pub use fan_out::fan_out;
pub use figures::measure;
pub use job::{Job, JobError, JobState, JobStatus, Priority};
pub use registry::{Concurrency, Registry};
pub use schedule::{Schedule, Tick, run_schedules};
pub use store::Again;
pub use wake::Wake;
pub use work::work;
