//! The switch between light, dark and the system's way.

use leptos::prelude::*;

use super::{ForEverybody, Glyph, Icon, ThemeChoice};
use crate::routes;

/// What is chosen, as every switch of the page shows it.
#[derive(Clone, Copy)]
struct Chosen(RwSignal<ThemeChoice>);

impl Chosen {
    fn now() -> Self {
        Self(RwSignal::new(ThemeChoice::current()))
    }
}

/// Has all switches of the page below show the same. Call it once, at the root of the app.
pub fn provide_theme() {
    provide_context(Chosen::now());
}

/// Three buttons of a form that posts to [`routes::THEME`]; in the hydrated app they act at once. On a page that is the same for
/// everybody none is marked as pressed.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let Chosen(chosen) = use_context().unwrap_or_else(Chosen::now);
    let says_which = use_context::<ForEverybody>().is_none();
    let choices = ThemeChoice::ALL.map(|choice| {
        view! {
            <button
                class="theme-choice"
                type="submit"
                name=ThemeChoice::COOKIE
                value=choice.as_str()
                aria-label=label(choice)
                title=label(choice)
                aria-pressed=move || says_which.then(|| if chosen.get() == choice { "true" } else { "false" })
                on:click=move |event| {
                    event.prevent_default();
                    chosen.set(choice);
                    apply(choice);
                }
            >
                <Icon glyph=glyph(choice) />
            </button>
        }
    });
    view! {
        <form class="theme-switch" method="post" action=routes::THEME aria-label="Theme">
            {choices.into_iter().collect_view()}
        </form>
    }
}

fn label(choice: ThemeChoice) -> &'static str {
    match choice {
        ThemeChoice::Light => "Light theme",
        ThemeChoice::Dark => "Dark theme",
        ThemeChoice::System => "Theme of the system",
    }
}

fn glyph(choice: ThemeChoice) -> Glyph {
    match choice {
        ThemeChoice::Light => Glyph::Sun,
        ThemeChoice::Dark => Glyph::Moon,
        ThemeChoice::System => Glyph::System,
    }
}

/// Shows the theme now and lets the server keep the choice, so that one place knows how the cookie is made.
#[cfg(feature = "hydrate")]
fn apply(choice: ThemeChoice) {
    use leptos::web_sys::{RequestInit, UrlSearchParams};

    if let Some(root) = document().document_element() {
        // Both fail only for a malformed attribute name.
        let _ = match choice.attribute() {
            Some(value) => root.set_attribute("data-theme", value),
            None => root.remove_attribute("data-theme"),
        };
    }
    if let Ok(form) = UrlSearchParams::new() {
        form.append(ThemeChoice::COOKIE, choice.as_str());
        let request = RequestInit::new();
        request.set_method("POST");
        request.set_body(&form);
        // A choice that is not kept is lost at the next load and nothing else, so the answer is not awaited.
        let _ = window().fetch_with_str_and_init(routes::THEME, &request);
    }
}

#[cfg(not(feature = "hydrate"))]
fn apply(_choice: ThemeChoice) {}
