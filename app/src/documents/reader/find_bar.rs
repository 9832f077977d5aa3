//! The search inside a document: what is searched, how often it was found, and the way from hit to hit.

use domain::{
    documents::{Document, PageText},
    id::DocumentId,
};
use leptos::{html, prelude::*};

use super::{
    hits,
    place::Place,
    reading::{PageResource, Reading},
};
use crate::{
    error::AppError,
    ui::{
        BarGroup, BarNote, Button, ButtonKind, GetForm, GetFormError, Glyph, HiddenField, IconButton, SearchField,
        counted,
    },
};

/// The search field of a document. `action` is the view that is searched.
#[component]
pub fn FindBar(
    document: RwSignal<Document>,
    #[prop(into)] action: String,
    /// To focus it.
    #[prop(optional)]
    node_ref: NodeRef<html::Input>,
    /// Stands at its end: the way from hit to hit.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let reading = expect_context::<Reading>();
    let place = reading.place;
    let typed = RwSignal::new(place.with_untracked(|place| place.query.clone()));
    Effect::new(move |_| typed.set(reading.query.get()));
    let name = document.with_untracked(|document| document.display_title().to_owned());
    let page = Signal::derive(move || place.with(|place| place.page.to_string()));
    let zoom = move || place.with(|place| place.zoom.percent());
    view! {
        <BarGroup wide=true>
            <GetForm action label=format!("Find in {name}") search=true>
                <HiddenField name="page" value=page />
                {move || zoom().map(|percent| view! { <HiddenField name="zoom" value=percent.to_string() /> })}
                <SearchField
                    label="Find in this document"
                    placeholder="Find"
                    bind=typed
                    shortcut="/"
                    node_ref=node_ref
                />
                <Button kind=ButtonKind::Submit>"Find"</Button>
                <FindError reading />
            </GetForm>
            {children.map(|children| children())}
        </BarGroup>
    }
}

/// What is wrong with the query, at the field.
#[component]
fn FindError(reading: Reading) -> impl IntoView {
    let error = move || {
        // It may run once more when its page is gone already.
        let error = reading.found.try_get()??.err()?;
        Some(view! { <GetFormError message=error.message() /> })
    };
    view! { <Transition>{error}</Transition> }
}

/// How often it was found, and links to the hit before and the next. Nothing while nothing is searched.
#[component]
pub fn HitSteps(document: RwSignal<Document>) -> impl IntoView {
    let reading = expect_context::<Reading>();
    let page = expect_context::<PageResource>();
    let (id, has_image) = document.with_untracked(|document| (document.id, document.has_images));
    let steps = move || {
        // So may this.
        let place = reading.place.try_get()?;
        let found = reading.found.try_get()??.ok()?;
        let here = page.try_with(|page| page.as_ref().map(|page| here(page, &place, has_image))).flatten()?;
        (!place.query.is_empty()).then(|| steps(id, &place, &found.pages, here))
    };
    view! { <Transition>{steps}</Transition> }
}

fn steps(id: DocumentId, place: &Place, pages: &[u32], here: Option<usize>) -> impl IntoView + use<> {
    let to = |step: fn(&Place, &[u32], usize) -> Option<Place>| match here {
        Some(here) => step(place, pages, here),
        // The way on is known with the page.
        None => Some(place.clone()),
    };
    let link = |there: Option<Place>, glyph, label: &'static str| {
        there.map(|there| view! { <IconButton glyph label href=there.href(id) attr:data-noscroll="true" /> })
    };
    let previous = link(to(hits::previous), Glyph::ChevronUp, "Previous hit");
    let next = link(to(hits::next), Glyph::ChevronDown, "Next hit");
    view! {
        <BarNote text=told(place, pages, here.unwrap_or_default()) />
        {previous}
        {next}
    }
}

/// How many hits the page has that one is at; none while it is on its way, and the page before is still shown.
pub fn here(page: &Result<Option<PageText>, AppError>, place: &Place, has_image: bool) -> Option<usize> {
    match page {
        Ok(Some(page)) if page.number.unsigned_abs() != place.page => None,
        Ok(Some(page)) => Some(hits::count(page, has_image && page.width > 0.0)),
        _ => Some(0),
    }
}

/// "Hit 2 of 5, page 3 of 12 with hits".
fn told(place: &Place, pages: &[u32], here: usize) -> String {
    if here == 0 {
        return match pages.len() {
            0 => "Not found".into(),
            pages => format!("Found on {}", counted(pages as u64, "page", "pages")),
        };
    }
    let hit = format!("Hit {} of {here}", place.hit.of(here));
    match pages.iter().position(|page| *page == place.page) {
        Some(at) if pages.len() > 1 => format!("{hit}, page {} of {} with hits", at + 1, pages.len()),
        _ => hit,
    }
}

#[cfg(test)]
mod tests {
    use domain::search::Segment;

    use super::*;

    #[test]
    fn what_was_found_is_told() {
        let place = Place::parse(|name| ["hit", "page"].contains(&name).then(|| "2".to_owned()));
        assert_eq!(told(&place, &[1, 2, 7], 5), "Hit 2 of 5, page 2 of 3 with hits");
        assert_eq!(told(&place, &[2], 5), "Hit 2 of 5");
        assert_eq!(told(&place, &[1], 0), "Found on 1 page");
        assert_eq!(told(&place, &[], 0), "Not found");
    }

    #[test]
    fn the_hits_of_the_page_before_are_not_those_of_the_one_on_its_way() {
        let hit = Segment { text: "lease".into(), hit: true };
        let page = PageText {
            number: 2,
            width: 0.0,
            height: 0.0,
            segments: vec![hit],
            words: Vec::new(),
            hits: Vec::new(),
            failed: false,
        };
        let at = |page: u32| Place::parse(move |name| (name == "page").then(|| page.to_string()));
        let loaded = Ok(Some(page));
        assert_eq!((here(&loaded, &at(2), true), here(&loaded, &at(5), true)), (Some(1), None));
        assert_eq!(here(&Ok(None), &at(5), true), Some(0));
    }
}
