//! How Sheaf is, for everybody to see: what its own probes found in the last 90 days, and what operators say of incidents.

mod component;
mod day;
mod incident;
mod told;

pub use component::{Component, Health};
pub use day::{Day, DayState};
pub use incident::{Incident, IncidentState, IncidentUpdate, NewIncident, Severity, Words};
pub use told::{ComponentStatus, DAYS, FRESH_SECONDS, Status};

#[cfg(feature = "server")]
mod kept;
#[cfg(feature = "server")]
mod known;
#[cfg(feature = "server")]
mod probes;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
mod watch;

#[cfg(feature = "server")]
pub use self::{
    known::{LastKnown, overview},
    probes::{PROBED_PAGE, Probes, record},
    watch::{keep_watch, watch},
};
