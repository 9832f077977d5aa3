//! What is under way in a workspace, what waits and why, and what became of it: the queue, as people see it.

mod job;
mod query;
mod wait;
mod work;

pub use crate::{begun::Begun, progress::Progress};
pub use job::{About, Activity, ActivityState};
pub use query::{ActivityListing, ActivityQuery, Shown};
pub use wait::Wait;
pub use work::Work;

#[cfg(feature = "server")]
mod feature;
#[cfg(feature = "server")]
mod list;
#[cfg(feature = "server")]
mod steer;
#[cfg(feature = "server")]
mod store;

#[cfg(feature = "server")]
pub(crate) use self::feature::all_again;
#[cfg(feature = "server")]
pub use self::{
    list::{find, list},
    steer::{cancel, retry, retry_all_failed},
};
