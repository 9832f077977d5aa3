//! Mail that did not arrive. Its page stands among the settings.

pub mod api;
