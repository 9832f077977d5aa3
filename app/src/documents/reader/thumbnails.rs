//! Small pages to choose from. A document may have thousands: only those around the page one is at are in the page.

use domain::documents::Document;
use leptos::{html, prelude::*};

use super::reading::Reading;
use crate::{
    routes,
    ui::{Thumbnail, ThumbnailGap, ThumbnailStrip},
};

/// Small pages before and after the page one is at.
const AROUND: u32 = 12;

/// The strip of small pages, with the first and the last page at its ends.
#[component]
pub fn Thumbnails(document: RwSignal<Document>) -> impl IntoView {
    let reading = expect_context::<Reading>();
    let place = reading.place;
    let id = document.with_untracked(|document| document.id);
    let images = Memo::new(move |_| document.with(|document| document.images.clone()));
    let hits = hit_pages(reading);
    let shown = Memo::new(move |_| {
        let read = document.with(|document| document.pages_read.unsigned_abs());
        shown(place.with(|place| place.page), read)
    });
    let strip = NodeRef::<html::Ol>::new();
    keep_in_view(strip, place.into());
    view! {
        <ThumbnailStrip label="Pages" node_ref=strip>
            <For each=move || shown.get() key=|entry| *entry let:entry>
                {match entry {
                    Entry::Gap(_) => view! { <ThumbnailGap /> }.into_any(),
                    Entry::Page(number) => {
                        view! {
                            <Thumbnail
                                image=Signal::derive(move || {
                                    images.with(|images| routes::page_thumbnail(id, number, images.as_ref()))
                                })
                                number
                                href=Signal::derive(move || place.with(|place| place.at(number).href(id)))
                                current=Signal::derive(move || place.with(|place| place.page == number))
                                hit=Signal::derive(move || hits.with(|hits| hits.binary_search(&number).is_ok()))
                            />
                        }
                            .into_any()
                    }
                }}
            </For>
        </ThumbnailStrip>
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    Page(u32),
    /// Pages from this one on are left out.
    Gap(u32),
}

/// The pages around `page` of `pages`, and the ends.
fn shown(page: u32, pages: u32) -> Vec<Entry> {
    if pages == 0 {
        return Vec::new();
    }
    let page = page.min(pages);
    let (first, last) = (page.saturating_sub(AROUND).max(1), page.saturating_add(AROUND).min(pages));
    let mut shown = Vec::new();
    if first > 1 {
        shown.push(Entry::Page(1));
    }
    if first > 2 {
        shown.push(Entry::Gap(2));
    }
    shown.extend((first..=last).map(Entry::Page));
    if last + 1 < pages {
        shown.push(Entry::Gap(last + 1));
    }
    if last < pages {
        shown.push(Entry::Page(pages));
    }
    shown
}

/// The pages with hits, in order. They only add dots, so they come with the scripts.
fn hit_pages(reading: Reading) -> RwSignal<Vec<u32>> {
    let pages = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let found = reading.found.get().and_then(Result::ok).unwrap_or_default();
        pages.set(found.pages);
    });
    pages
}

/// Scrolls the strip, and the strip alone, to the current page whenever that changes.
fn keep_in_view(strip: NodeRef<html::Ol>, place: Signal<super::Place>) {
    let page = Memo::new(move |_| place.with(|place| place.page));
    Effect::new(move |_| {
        page.track();
        let Some(strip) = strip.get() else { return };
        let current = strip.query_selector("[aria-current]").ok().flatten();
        let (Some(current), Some(frame)) = (current, strip.parent_element()) else { return };
        let (inner, outer) = (current.get_bounding_client_rect(), frame.get_bounding_client_rect());
        if inner.top() < outer.top() || inner.bottom() > outer.bottom() {
            let middle = inner.top() - outer.top() - (outer.height() - inner.height()) / 2.0;
            frame.set_scroll_top(frame.scroll_top() + middle as i32);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_document_is_shown_whole() {
        assert_eq!(shown(2, 3), [Entry::Page(1), Entry::Page(2), Entry::Page(3)]);
        assert!(shown(1, 0).is_empty());
    }

    #[test]
    fn of_a_long_one_the_ends_and_the_pages_around() {
        let pages = shown(1_000, 2_000);
        assert_eq!(pages.len(), 25 + 4);
        assert_eq!(pages[..3], [Entry::Page(1), Entry::Gap(2), Entry::Page(988)]);
        assert_eq!(pages[pages.len() - 2..], [Entry::Gap(1_013), Entry::Page(2_000)]);
    }

    #[test]
    fn no_gap_stands_for_nothing() {
        let pages = shown(14, 27);
        assert!(!pages.iter().any(|entry| matches!(entry, Entry::Gap(_))), "{pages:?}");
        assert_eq!(pages.len(), 27);
        assert_eq!(shown(9_999, 3).len(), 3);
    }
}
