//! The view of the pages: the toolbar, the way around at the side, and the page.

use domain::documents::Document;
use leptos::{html, prelude::*};
use leptos_router::hooks::use_navigate;

use super::{
    keyboard,
    outline::Outline,
    reading::{PageResource, Reading},
    sheet::Sheet,
    thumbnails::Thumbnails,
    toolbar::ReaderToolbar,
};
use crate::{
    failure::Failure,
    ui::{Loading, LoadingShape, ReaderStage, SplitView},
};

/// The pages of a document of which something was read; nothing before.
#[component]
pub fn Pages(document: RwSignal<Document>) -> impl IntoView {
    let begun = Memo::new(move |_| document.with(|document| document.pages_read > 0));
    view! {
        <Show when=move || begun.get()>
            <OpenPages document />
        </Show>
    }
}

/// The last page that one can go to.
pub fn last_page(document: &Document) -> u32 {
    document.pages_read.unsigned_abs().max(1)
}

#[component]
fn OpenPages(document: RwSignal<Document>) -> impl IntoView {
    let reading = expect_context::<Reading>();
    let page = expect_context::<PageResource>();
    let (find, help, stage) = (NodeRef::<html::Input>::new(), RwSignal::new(false), NodeRef::<html::Section>::new());
    keyboard::listen(keyboard::Reader { reading, page, document, find, help });
    look_again(document, reading, page);
    go_to_first_hit(document, reading);
    begin_at_top(reading, stage);
    // Whether there are small pages or contents beside the page is known once the document was opened.
    let (has_images, has_outline) =
        document.with_untracked(|document| (document.has_images, !document.outline.is_empty()));
    let label = Signal::derive(move || format!("Page {}", reading.place.with(|place| place.page)));
    let sheet = move || {
        Some(match page.get()? {
            Ok(page) => view! { <Sheet document page /> }.into_any(),
            Err(error) => view! { <Failure error /> }.into_any(),
        })
    };
    let stage = move || {
        view! {
            <ReaderStage label node_ref=stage>
                <Transition fallback=|| {
                    view! { <Loading label="Loading the page" shape=LoadingShape::Page /> }
                }>{sheet}</Transition>
            </ReaderStage>
        }
    };
    view! {
        <ReaderToolbar document find help />
        {match has_images || has_outline {
            true => {
                let aside = Box::new(move || {
                    view! {
                        {has_outline.then(|| view! { <Outline document /> })}
                        {has_images.then(|| view! { <Thumbnails document /> })}
                    }
                        .into_any()
                });
                view! { <SplitView label="Pages and contents" aside>{stage()}</SplitView> }.into_any()
            }
            false => stage().into_any(),
        }}
    }
}

/// Loads the page and its hits again when the document was read further or anew.
fn look_again(document: RwSignal<Document>, reading: Reading, page: PageResource) {
    let readable = Memo::new(move |_| {
        let number = reading.place.with(|place| place.page);
        document.with(|document| number <= document.pages_read.unsigned_abs())
    });
    // One that is read anew while nobody looks ends in the state that it had.
    let read =
        Memo::new(move |_| document.with(|document| (document.state, document.read_at, document.images.clone())));
    Effect::new(move |before: Option<_>| {
        let now = (readable.get(), read.get());
        // It may have been asked for before it was read.
        let is_missing = now.0 && page.with_untracked(|page| matches!(page, Some(Ok(None))));
        let has_changed = before.is_some_and(|before| before != now);
        if is_missing || has_changed {
            page.refetch();
        }
        if has_changed {
            reading.found.refetch();
        }
        now
    });
}

/// Goes to the next page with a hit when something new is searched that this page does not have.
fn go_to_first_hit(document: RwSignal<Document>, reading: Reading) {
    let navigate = use_navigate();
    let id = document.with_untracked(|document| document.id);
    Effect::new(move |seen: Option<Option<String>>| {
        let seen = seen.flatten();
        let place = reading.place.get_untracked();
        let Some(Ok(found)) = reading.found.get() else { return seen };
        if found.query != place.query {
            return seen;
        }
        let is_new = seen.is_some_and(|seen| seen != found.query);
        let next = found.pages.iter().find(|page| **page >= place.page).or(found.pages.first());
        if let Some(page) = next.filter(|page| is_new && **page != place.page) {
            navigate(&place.at(*page).href(id), keyboard::in_place());
        }
        Some(found.query)
    });
}

/// Shows a new page from its top, if its top is out of view.
fn begin_at_top(reading: Reading, stage: NodeRef<html::Section>) {
    let page = Memo::new(move |_| reading.place.with(|place| place.page));
    Effect::new(move |before: Option<u32>| {
        let now = page.get();
        if before.is_some_and(|before| before != now)
            && let Some(stage) = stage.get_untracked()
            && stage.get_bounding_client_rect().top() < 0.0
        {
            stage.scroll_into_view();
        }
        now
    });
}
