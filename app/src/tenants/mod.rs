//! The workspace itself. Its page stands among the settings; what concerns everybody in it stands over every page.

pub mod api;
mod banner;
#[cfg(feature = "hydrate")]
mod other_tabs;

pub use banner::DeletionBanner;
#[cfg(feature = "hydrate")]
pub use other_tabs::follow;
