//! The controls over a page: the way from page to page, how large it is, what is found in it.

use domain::documents::Document;
use leptos::{html, prelude::*};

use super::{
    find_bar::{FindBar, HitSteps},
    pages::last_page,
    place::Zoom,
    reading::Reading,
};
use crate::{
    routes,
    ui::{
        BarGroup, Button, ButtonKind, ButtonVariant, Dialog, GetForm, Glyph, HiddenField, IconButton, KeyList,
        PageJump, ReaderBar, Stack, TextLink, WithoutScripts,
    },
};

/// The toolbar. `find` is the search field, `help` whether the keys are shown.
#[component]
pub fn ReaderToolbar(document: RwSignal<Document>, find: NodeRef<html::Input>, help: RwSignal<bool>) -> impl IntoView {
    let action = document.with_untracked(|document| routes::document(document.id));
    let has_image = document.with_untracked(|document| document.has_images);
    view! {
        <ReaderBar label="Page, size and search">
            <PageSteps document />
            {has_image.then(|| view! { <ZoomSteps document /> })}
            <FindBar document action node_ref=find>
                <HitSteps document />
            </FindBar>
            <BarGroup keyboard=true>
                <IconButton glyph=Glyph::Info label="Keys" opens=KEYS_ID />
            </BarGroup>
        </ReaderBar>
        <Keys help />
    }
}

const KEYS_ID: &str = "reader-keys";

#[component]
fn PageSteps(document: RwSignal<Document>) -> impl IntoView {
    let place = expect_context::<Reading>().place;
    let id = document.with_untracked(|document| document.id);
    let last = Memo::new(move |_| document.with(last_page));
    let page = move || place.with(|place| place.page);
    let at = move |step: fn(u32) -> u32| {
        Signal::derive(move || place.with(|place| place.at(step(place.page).clamp(1, last.get())).href(id)))
    };
    view! {
        <BarGroup>
            <IconButton
                glyph=Glyph::ChevronLeft
                label="Previous page"
                href=at(|page| page.saturating_sub(1))
                attr:data-noscroll="true"
                attr:aria-disabled=move || (page() <= 1).then_some("true")
            />
            <GetForm action=routes::document(id) label="Go to a page" replace=true>
                <PageJump page=Signal::derive(page) pages=last />
                <KeptFields />
                <WithoutScripts>
                    <Button kind=ButtonKind::Submit>"Go"</Button>
                </WithoutScripts>
            </GetForm>
            <IconButton
                glyph=Glyph::ChevronRight
                label="Next page"
                href=at(|page| page.saturating_add(1))
                attr:data-noscroll="true"
                attr:aria-disabled=move || (page() >= last.get()).then_some("true")
            />
        </BarGroup>
    }
}

/// What stays as it is when another page is asked for.
#[component]
fn KeptFields() -> impl IntoView {
    let reading = expect_context::<Reading>();
    let zoom = move || reading.place.with(|place| place.zoom.percent());
    let query = move || reading.place.with(|place| (!place.query.is_empty()).then(|| place.query.clone()));
    view! {
        {move || query().map(|query| view! { <HiddenField name="q" value=query /> })}
        {move || zoom().map(|percent| view! { <HiddenField name="zoom" value=percent.to_string() /> })}
    }
}

#[component]
fn ZoomSteps(document: RwSignal<Document>) -> impl IntoView {
    let place = expect_context::<Reading>().place;
    let id = document.with_untracked(|document| document.id);
    let at = move |zoom: fn(Zoom) -> Zoom| {
        Signal::derive(move || place.with(|place| place.with_zoom(zoom(place.zoom)).href(id)))
    };
    let zoom = move || place.with(|place| place.zoom);
    view! {
        <BarGroup zoom=true>
            <IconButton glyph=Glyph::Minus label="Smaller" href=at(Zoom::smaller) attr:data-noscroll="true" />
            <IconButton glyph=Glyph::Plus label="Larger" href=at(Zoom::larger) attr:data-noscroll="true" />
            <Button
                variant=ButtonVariant::Ghost
                href=at(|_| Zoom::Fit)
                attr:data-noscroll="true"
                attr:aria-current=move || (zoom() == Zoom::Fit).then_some("true")
            >
                {move || zoom().label()}
            </Button>
        </BarGroup>
    }
}

/// The keys of the reader.
#[component]
fn Keys(help: RwSignal<bool>) -> impl IntoView {
    let keys: Vec<(&'static [&'static str], &'static str)> = vec![
        (&["→", "j", "Page Down"], "Next page"),
        (&["←", "k", "Page Up"], "Previous page"),
        (&["+", "-"], "Larger, smaller"),
        (&["0"], "Fit the width"),
        (&["/", "Ctrl F"], "Find in this document"),
        (&["n", "Enter"], "Next hit; Enter in the search field"),
        (&["N", "Shift Enter"], "Previous hit"),
        (&["Esc"], "Leave the search field; once more to end the search"),
        (&["?"], "These keys"),
    ];
    view! {
        <Dialog id=KEYS_ID title="Keys" open=help>
            <Stack>
                <KeyList keys />
                <TextLink href=routes::SETTINGS_ACCOUNT>"Turn keys of one character off"</TextLink>
            </Stack>
        </Dialog>
    }
}
