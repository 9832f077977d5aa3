//! How Sheaf does, over time: what every process has done is summed up minute by minute, and told to operators with what else there
//! is to know of the queues, the database, the store and the cost. Processes do not know each other, so each writes its sums to one
//! table, outside of any request (`keep`). After a day minutes become hours, and after 14 days they are forgotten.

mod figures;
mod overview;

pub use figures::{BUCKETS, Part, REQUEST_BOUNDS, Sums, WORK_BOUNDS};
pub use overview::{Connections, Health, HealthLine, Period, SlowStatement, Stored};

#[cfg(feature = "server")]
mod door;
#[cfg(feature = "server")]
mod keep;
#[cfg(feature = "server")]
mod store;

#[cfg(feature = "server")]
pub use self::{
    door::overview,
    keep::{keep, thin},
};
