//! What is under way in the workspace, what waits and why, and what became of it.

mod acts;
pub mod api;
mod list;
mod row;

use leptos::{prelude::*, wasm_split::wasm_split};

use crate::parts::{Missing, part};
use list::ActivityPage;

/// Its one page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page;

part!(Page, "work", page);

#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn page(_: Page) -> Result<AnyView, Missing> {
    Ok(view! { <ActivityPage /> }.into_any())
}
