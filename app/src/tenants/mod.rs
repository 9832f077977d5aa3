//! The workspace itself. Its page stands among the settings; what concerns everybody in it stands over every page.

pub mod api;
mod banner;

pub use banner::DeletionBanner;
