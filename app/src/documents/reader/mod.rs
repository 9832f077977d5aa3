//! The reader: a document page by page as it was printed, with its text selectable and searchable, beside its contents and
//! small pages.

mod actions;
mod find_bar;
pub(super) mod frame;
mod hits;
mod keyboard;
mod lines;
mod outline;
mod pages;
mod place;
pub(super) mod reading;
mod sheet;
mod state;
mod thumbnails;
mod toolbar;

use leptos::prelude::*;

pub(super) use find_bar::FindBar;
pub(super) use place::Place;

use frame::{DocumentFrame, View};
use pages::Pages;
use reading::{PageResource, Reading};

/// The page at [`routes::document`](crate::routes::document). `?page=` is the page, `?q=` what is searched in it, `?zoom=`
/// how large it is shown and `?hit=` which hit of the page one is at.
#[component]
pub fn Reader() -> impl IntoView {
    let reading = Reading::new();
    provide_context::<PageResource>(reading.page());
    view! { <DocumentFrame reading view=View::Pages content=|document| view! { <Pages document /> }.into_any() /> }
}
