//! Documents: the list and what comes into it, the trash, and one document to read.

mod acts;
mod address;
mod again;
mod again_dialog;
pub mod api;
mod facts_view;
mod filters;
mod list;
mod powers;
mod reader;
pub mod reader_api;
mod row;
mod selection;
mod sharing;
mod state_badge;
mod text_view;
mod trash;
mod upload;

pub(crate) use address::chosen;
pub use again::{ReadAgainPage, ReadAllAgainPage};
pub use facts_view::FactsView;
pub use list::DocumentList;
pub use reader::Reader;
pub(crate) use state_badge::format_glyph;
pub use text_view::TextView;
pub use trash::DocumentTrash;
pub use upload::{UploadPanel, allow_uploads, limit_uploads, provide_uploads};
