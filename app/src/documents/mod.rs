//! Documents: the list and what comes into it, the trash, and one document to read.

mod acts;
mod address;
mod again;
mod again_dialog;
pub mod api;
mod counts;
mod everything;
mod facts_view;
mod file_link;
mod filters;
mod list;
mod list_header;
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
pub(crate) use state_badge::format_glyph;
pub use upload::{
    UploadPanel, allow_uploads, choice_cookie, limit_uploads, private_cookie, provide_uploads, remember_private,
};

use leptos::{prelude::*, wasm_split::wasm_split};

use crate::parts::{Missing, part};
use again::{ReadAgainPage, ReadAllAgainPage};
use facts_view::FactsView;
use list::DocumentList;
use reader::Reader;
use text_view::TextView;
use trash::DocumentTrash;

/// The pages of many documents.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Page {
    List,
    Trash,
    ReadAgain,
    ReadAllAgain,
}

part!(Page, "work", page);

/// One of them.
#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn page(page: Page) -> Result<AnyView, Missing> {
    Ok(match page {
        Page::List => view! { <DocumentList /> }.into_any(),
        Page::Trash => view! { <DocumentTrash /> }.into_any(),
        Page::ReadAgain => view! { <ReadAgainPage /> }.into_any(),
        Page::ReadAllAgain => view! { <ReadAllAgainPage /> }.into_any(),
    })
}

/// The pages of one document.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ReaderPage {
    Pages,
    Text,
    Facts,
}

part!(ReaderPage, "reader", reader_page);

/// One of them.
#[wasm_split(reader, wasm_split_path = leptos::wasm_split, fallible)]
fn reader_page(page: ReaderPage) -> Result<AnyView, Missing> {
    Ok(match page {
        ReaderPage::Pages => view! { <Reader /> }.into_any(),
        ReaderPage::Text => view! { <TextView /> }.into_any(),
        ReaderPage::Facts => view! { <FactsView /> }.into_any(),
    })
}
