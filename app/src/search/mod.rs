//! The search over all documents of the workspace.

mod api;
mod page;
mod results;

pub use page::SearchPage;
