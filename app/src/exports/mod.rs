//! The archive of the workspace: what its page in the settings asks the server.

pub mod api;
