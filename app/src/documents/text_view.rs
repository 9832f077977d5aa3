//! The text of a document as it was read, a few pages at a time, with what is searched in it marked.

use domain::documents::{Document, DocumentState, PageText};
use leptos::prelude::*;

use super::{
    reader::{
        FindBar, Place,
        frame::{DocumentFrame, View},
        reading::Reading,
    },
    reader_api::{TEXT_PAGES, read_text},
};
use crate::{
    error::AppError,
    failure::Failure,
    routes,
    ui::{
        BarNote, EmptyState, Gap, Glyph, Loading, LoadingShape, MarkedText, Pagination, Paper, ReaderBar, Stack,
        counted, grouped,
    },
};

/// The page at [`routes::document_text`]. `?page=` is the first page, `?q=` what is searched.
#[component]
pub fn TextView() -> impl IntoView {
    let reading = Reading::new();
    provide_context::<TextResource>(text(reading));
    view! { <DocumentFrame reading view=View::Text content=|document| view! { <Text document /> }.into_any() /> }
}

type TextResource = Resource<Result<Vec<PageText>, AppError>>;

fn text(reading: Reading) -> TextResource {
    let source = Memo::new(move |_| {
        let place = reading.place.get();
        (reading.id.get(), place.page, place.query)
    });
    Resource::new(
        move || source.get(),
        |(id, first, query)| async move {
            match id {
                Some(id) => read_text(id, first, query).await,
                None => Ok(Vec::new()),
            }
        },
    )
}

#[component]
fn Text(document: RwSignal<Document>) -> impl IntoView {
    let text = expect_context::<TextResource>();
    let reading = expect_context::<Reading>();
    let action = document.with_untracked(|document| routes::document_text(document.id));
    look_again(document, reading, text);
    let pages = move || {
        Some(match text.get()? {
            Ok(pages) => view! { <TextPages document pages /> }.into_any(),
            Err(error) => view! { <Failure error /> }.into_any(),
        })
    };
    view! {
        <ReaderBar label="Search">
            <FindBar document action>
                <FoundNote />
            </FindBar>
        </ReaderBar>
        <Transition fallback=|| {
            view! { <Loading label="Loading the text" shape=LoadingShape::Text /> }
        }>{pages}</Transition>
    }
}

/// Loads the text again when more of the pages in view was read, or the document anew, and what was found whenever it was read
/// further: pages further on change nothing of the text.
fn look_again(document: RwSignal<Document>, reading: Reading, text: TextResource) {
    let read = Memo::new(move |_| document.with(|document| (document.pages_read.unsigned_abs(), document.state)));
    Effect::new(move |before: Option<(u32, DocumentState)>| {
        let now = read.get();
        let first = reading.place.with_untracked(|place| place.page);
        if let Some(before) = before.filter(|before| *before != now) {
            reading.found.refetch();
            let in_view = |(read, state)| (pages_in_view(first, read), state);
            if in_view(before) != in_view(now) {
                text.refetch();
            }
        }
        now
    });
}

/// How many of the pages that are shown from `first` on were read, where so many of the document were.
fn pages_in_view(first: u32, read: u32) -> u32 {
    (read + 1).saturating_sub(first).min(TEXT_PAGES)
}

/// On how many pages of the document it was found. Nothing while nothing is searched.
#[component]
fn FoundNote() -> impl IntoView {
    let reading = expect_context::<Reading>();
    let note = move || {
        let found = reading.found.get()?.ok()?;
        let text = match found.pages.len() {
            0 => "Not found".to_owned(),
            pages => format!("Found on {}", counted(pages as u64, "page", "pages")),
        };
        (!found.query.is_empty()).then(|| view! { <BarNote text /> })
    };
    view! { <Transition>{note}</Transition> }
}

#[component]
fn TextPages(document: RwSignal<Document>, pages: Vec<PageText>) -> impl IntoView {
    let id = document.with_untracked(|document| document.id);
    let Some(first) = pages.first().map(|page| page.number.unsigned_abs()) else {
        return view! {
            <EmptyState glyph=Glyph::FileText title="There is no text here" text="Nothing was read of these pages." />
        }
        .into_any();
    };
    // These may be the pages before, while others are on their way.
    let place = expect_context::<Reading>().place.get_untracked().at(first);
    let last = first + pages.len() as u32 - 1;
    // The pages stay while it is told that there are more.
    let read = ArcMemo::new(move |_| document.with(|document| document.pages_read.unsigned_abs()));
    let ways = move || {
        let read = read.get();
        let (newer, older) = neighbours(&place, read);
        view! {
            <Pagination
                label="Text"
                newer=newer.map(|place| place.text_href(id))
                older=older.map(|place| place.text_href(id))
                newer_label="Previous pages"
                older_label="Next pages"
                summary=summary(first, last, read)
            />
        }
    };
    view! {
        <Stack gap=Gap::Large>
            {pages.into_iter().map(page_view).collect_view()}
            {ways}
        </Stack>
    }
    .into_any()
}

/// Which pages are in view: "Pages 1 to 10 of 35".
fn summary(first: u32, last: u32, read: u32) -> String {
    let [first, last, read] = [first, last, read].map(|page| grouped(page.into()));
    if first == last { format!("Page {last} of {read}") } else { format!("Pages {first} to {last} of {read}") }
}

fn page_view(page: PageText) -> impl IntoView {
    let label = format!("Page {}", page.number);
    let is_blank = page.segments.iter().all(|segment| segment.text.trim().is_empty());
    let segments = page.segments.into_iter().map(|segment| (segment.text, segment.hit)).collect();
    let body = match (page.failed, is_blank) {
        (true, _) => view! { <p>"This page could not be read."</p> }.into_any(),
        (_, true) => view! { <p>"There is no text on this page."</p> }.into_any(),
        _ => view! { <MarkedText segments /> }.into_any(),
    };
    view! {
        <Paper label labelled=true>
            {body}
        </Paper>
    }
}

/// Where the pages before these and after these begin.
fn neighbours(place: &Place, pages: u32) -> (Option<Place>, Option<Place>) {
    let before = (place.page > 1).then(|| place.at(place.page.saturating_sub(TEXT_PAGES).max(1)));
    let after = place.page.saturating_add(TEXT_PAGES);
    (before, (after <= pages).then(|| place.at(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_on_where_it_ended() {
        let at = |page: u32| Place::parse(move |name| (name == "page").then(|| page.to_string()));
        let pages = |page, pages| {
            let (before, after) = neighbours(&at(page), pages);
            (before.map(|place| place.page), after.map(|place| place.page))
        };
        assert_eq!(pages(1, 10), (None, None));
        assert_eq!(pages(1, 11), (None, Some(11)));
        assert_eq!(pages(5, 40), (Some(1), Some(15)));
    }

    #[test]
    fn what_is_read_further_on_changes_nothing_in_view() {
        assert_eq!([0, 1, 9, 10, 11, 40].map(|read| pages_in_view(1, read)), [0, 1, 9, 10, 10, 10]);
        assert_eq!([0, 10, 11, 19, 20, 21].map(|read| pages_in_view(11, read)), [0, 0, 1, 9, 10, 10]);
        assert_eq!((summary(1, 10, 1_200), summary(7, 7, 7)), ("Pages 1 to 10 of 1,200".into(), "Page 7 of 7".into()));
    }
}
