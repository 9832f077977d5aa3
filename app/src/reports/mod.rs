//! Reports: asked for, watched, downloaded.

pub mod api;
mod list;
mod new;
mod report;
mod state;

use leptos::{prelude::*, wasm_split::wasm_split};

use crate::parts::{Missing, part};
use list::ReportList;
use new::NewReportPage;
use report::ReportPage;

/// The pages of reports.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Page {
    List,
    New,
    One,
}

part!(Page, "work", page);

/// One of them.
#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn page(page: Page) -> Result<AnyView, Missing> {
    Ok(match page {
        Page::List => view! { <ReportList /> }.into_any(),
        Page::New => view! { <NewReportPage /> }.into_any(),
        Page::One => view! { <ReportPage /> }.into_any(),
    })
}
