//! Reports: asked for, watched, downloaded.

pub mod api;
mod list;
mod new;
mod report;
mod state;

pub use list::ReportList;
pub use new::NewReportPage;
pub use report::ReportPage;
