//! The audit log. Its page stands among the settings.

pub mod api;
