//! What is under way in the workspace, what waits and why, and what became of it.

mod acts;
pub mod api;
mod list;
mod row;

pub use list::ActivityPage;
