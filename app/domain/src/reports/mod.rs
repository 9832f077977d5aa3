//! PDFs that Sheaf makes of documents: asked for, made by a job, told by mail.

pub mod content;
mod report;

pub use content::ReportContent;
pub use report::{MAX_DOCUMENTS, NewReport, Report, ReportState, Scope};

#[cfg(feature = "server")]
mod ask;
#[cfg(feature = "server")]
mod figures;
#[cfg(feature = "server")]
mod gather;
#[cfg(feature = "server")]
mod jobs;
#[cfg(feature = "server")]
mod make;
#[cfg(feature = "server")]
mod process;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod sweep;
#[cfg(feature = "server")]
mod typesetter;

#[cfg(feature = "server")]
pub(crate) use self::process::{all_made_again, cancelled, make_again};
#[cfg(feature = "server")]
pub use self::{
    ask::{ReportFile, ask, delete, download, find, list},
    jobs::MakeReport,
    make::make_report,
    sweep::sweep,
};
