//! One page: its image with its text, or its text alone.

use domain::documents::{Document, PageText};
use leptos::prelude::*;

use super::{hits, lines::lines, reading::Reading};
use crate::{
    routes,
    ui::{Button, EmptyState, Glyph, Mark, MarkedText, PageCanvas, Paper, counted},
};

/// The page that was loaded, or in its place why there is none.
#[component]
pub fn Sheet(document: RwSignal<Document>, page: Option<PageText>) -> impl IntoView {
    let has_images = document.with_untracked(|document| document.has_images);
    match page {
        None => view! { <NoPage document /> }.into_any(),
        Some(page) if page.failed => view! { <FailedPage document number=page.number /> }.into_any(),
        Some(page) if has_images && page.width > 0.0 && page.height > 0.0 => {
            view! { <Printed document page /> }.into_any()
        }
        Some(page) => view! { <Written page /> }.into_any(),
    }
}

#[component]
fn Printed(document: RwSignal<Document>, page: PageText) -> impl IntoView {
    let place = expect_context::<Reading>().place;
    let (id, last, images) =
        document.with_untracked(|document| (document.id, super::pages::last_page(document), document.images.clone()));
    let number = page.number.unsigned_abs();
    let address = |page: u32| routes::page_image(id, page, images.as_ref());
    let image = address(number);
    let here = hits::count(&page, true);
    let current = current(here);
    let neighbours = [number.saturating_sub(1), number + 1].into_iter().filter(|page| (1..=last).contains(page));
    let ahead: Vec<_> =
        neighbours.map(|page| view! { <link rel="prefetch" r#as="image" href=address(page) /> }).collect();
    view! {
        <PageCanvas
            image
            label=format!("Page {number}")
            width=page.width
            height=page.height
            lines=lines(&page)
            marks=marks(&page)
            current
            zoom=ArcSignal::derive(move || place.with(|place| place.zoom.percent()))
        />
        {ahead}
    }
}

#[component]
fn Written(page: PageText) -> impl IntoView {
    let here = hits::count(&page, false);
    let current = current(here);
    let label = format!("Page {}", page.number);
    if page.segments.iter().all(|segment| segment.text.trim().is_empty()) {
        return view! { <Paper label>"There is no text on this page."</Paper> }.into_any();
    }
    let segments = page.segments.into_iter().map(|segment| (segment.text, segment.hit)).collect();
    view! {
        <Paper label>
            <MarkedText segments current />
        </Paper>
    }
    .into_any()
}

#[component]
fn NoPage(document: RwSignal<Document>) -> impl IntoView {
    let place = expect_context::<Reading>().place;
    let (id, is_busy, pages) =
        document.with_untracked(|document| (document.id, document.state.is_busy(), document.pages.unwrap_or_default()));
    let asked = place.with_untracked(|place| place.page);
    let (title, text) = match asked > pages.unsigned_abs() && pages > 0 {
        true => {
            let pages = counted(pages.unsigned_abs().into(), "page", "pages");
            ("There is no such page", format!("This document has {pages}."))
        }
        false if is_busy => ("Not read yet", "This page is shown as soon as it has been read.".into()),
        false => ("Not read", "Reading ended before this page.".into()),
    };
    view! {
        <EmptyState glyph=Glyph::Document title text>
            <Button href=routes::document_page(id, 1)>"Go to the first page"</Button>
        </EmptyState>
    }
}

#[component]
fn FailedPage(document: RwSignal<Document>, number: i32) -> impl IntoView {
    let original = document.with_untracked(|document| routes::document_original(document.id));
    view! {
        <EmptyState
            glyph=Glyph::Warning
            title=format!("Page {number} could not be read")
            text="The other pages are here. The original file shows this one, too."
        >
            <Button href=original download=true glyph=Glyph::Download>
                "Download original"
            </Button>
        </EmptyState>
    }
}

/// The number of the hit that one is at, and with scripts it is scrolled into view.
fn current(here: usize) -> ArcSignal<usize> {
    let place = expect_context::<Reading>().place;
    let current = ArcSignal::derive(move || place.with(|place| place.hit.of(here)));
    #[cfg(feature = "hydrate")]
    Effect::new({
        let current = current.clone();
        move |_| {
            if current.get() > 0 {
                super::keyboard::show_current_hit();
            }
        }
    });
    current
}

fn marks(page: &PageText) -> Vec<Mark> {
    let mark = |(word, hit): (u32, usize)| {
        let word = page.words.get(word as usize)?;
        Some(Mark { x: word.x, y: word.y, width: word.width, height: word.height, hit })
    };
    hits::numbered(&page.hits).into_iter().filter_map(mark).collect()
}
