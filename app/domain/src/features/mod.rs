//! Parts of the product that operators switch off and on while it runs: for all workspaces, a share of them, or some by name.

mod switch;

pub use switch::{Feature, Place, Switch, SwitchChange, SwitchLine, SwitchPlan, SwitchState};

#[cfg(feature = "server")]
mod enabled;
#[cfg(feature = "server")]
pub(crate) mod store;

#[cfg(feature = "server")]
pub(crate) use enabled::{CHANGE, refused};
#[cfg(feature = "server")]
pub use enabled::{enabled, require};
