//! The search over all documents of the workspace.

mod api;
mod page;
mod results;

use leptos::{prelude::*, wasm_split::wasm_split};

use crate::parts::{Missing, part};
use page::SearchPage;

/// Its one page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page;

part!(Page, "work", page);

#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn page(_: Page) -> Result<AnyView, Missing> {
    Ok(view! { <SearchPage /> }.into_any())
}
