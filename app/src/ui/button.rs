//! Everything that is pressed.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlDialogElement;

use super::{Glyph, Icon, IconSize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonVariant {
    /// The one thing this page is for; at most one in view.
    Primary,
    #[default]
    Secondary,
    /// Without a border, for toolbars and rows.
    Ghost,
    /// Takes something away.
    Danger,
}

impl ButtonVariant {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Secondary => "btn",
            Self::Ghost => "btn btn-ghost",
            Self::Danger => "btn btn-error",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonSize {
    /// 32 pixels high.
    Small,
    /// 40 pixels high.
    #[default]
    Medium,
    /// 48 pixels high: public pages.
    Large,
}

impl ButtonSize {
    fn class(self) -> &'static str {
        match self {
            Self::Small => "btn-sm",
            Self::Medium => "btn-md",
            Self::Large => "btn-lg",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    #[default]
    Button,
    Submit,
}

impl ButtonKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Submit => "submit",
        }
    }
}

/// A button, or a link that looks like one when it has an `href`.
#[component]
pub fn Button(
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] kind: ButtonKind,
    /// Makes it a link.
    #[prop(optional, into)]
    href: Option<Signal<String>>,
    /// The link leaves the app: the browser loads the page instead of the router.
    #[prop(optional)]
    external: bool,
    /// The link is saved instead of opened.
    #[prop(optional)]
    download: bool,
    /// Opens the dialog with this id, also before or without scripts.
    #[prop(optional, into)]
    opens: Option<String>,
    /// Sent with the form when this button submits it.
    #[prop(optional, into)]
    name: Option<String>,
    /// The value that goes with `name`.
    #[prop(optional, into)]
    value: Option<String>,
    /// Stands before the text.
    #[prop(optional)]
    glyph: Option<Glyph>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Work is under way: it cannot be pressed again and says so.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// As wide as its container.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    let wide = if wide { "btn-block" } else { "" };
    let class = format!("{} {} {wide}", variant.class(), size.class());
    let small = if size == ButtonSize::Small { IconSize::Small } else { IconSize::Medium };
    let icon = glyph.map(|glyph| view! { <Icon glyph size=small /> });
    match href {
        Some(href) => view! {
            <a class=class href=move || href.get() rel=external.then_some("external") download=download>
                {icon}
                {children()}
            </a>
        }
        .into_any(),
        None => view! {
            <button
                class=class
                type=kind.as_str()
                name=name
                value=value
                disabled=move || disabled.get() || busy.get()
                aria-busy=move || busy.get().then_some("true")
                commandfor=opens.clone()
                command=opens.as_ref().map(|_| "show-modal")
                on:click=move |_| opens.iter().for_each(|id| open_dialog(id))
            >
                {icon}
                {children()}
            </button>
        }
        .into_any(),
    }
}

/// A button that shows an icon alone.
#[component]
pub fn IconButton(
    glyph: Glyph,
    /// What it does: its accessible name and its tooltip.
    #[prop(into)]
    label: Signal<String>,
    #[prop(optional)] variant: Option<ButtonVariant>,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] kind: ButtonKind,
    /// Makes it a link.
    #[prop(optional, into)]
    href: Option<Signal<String>>,
    /// The link is saved instead of opened.
    #[prop(optional)]
    download: bool,
    /// Opens the dialog with this id.
    #[prop(optional, into)]
    opens: Option<String>,
    /// Sent with the form when this button submits it.
    #[prop(optional, into)]
    name: Option<String>,
    /// The value that goes with `name`.
    #[prop(optional, into)]
    value: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let class = format!("{} {} btn-square", variant.unwrap_or(ButtonVariant::Ghost).class(), size.class());
    let icon = view! { <Icon glyph /> };
    match href {
        Some(href) => view! {
            <a
                class=class
                href=move || href.get()
                download=download
                aria-label=move || label.get()
                title=move || label.get()
            >
                {icon}
            </a>
        }
        .into_any(),
        None => view! {
            <button
                class=class
                type=kind.as_str()
                name=name
                value=value
                disabled=move || disabled.get()
                aria-label=move || label.get()
                title=move || label.get()
                commandfor=opens.clone()
                command=opens.as_ref().map(|_| "show-modal")
                on:click=move |_| opens.iter().for_each(|id| open_dialog(id))
            >
                {icon}
            </button>
        }
        .into_any(),
    }
}

/// What `command="show-modal"` does, for browsers that do not know it yet. One that does would find the dialog open already, and
/// complain.
fn open_dialog(id: &str) {
    if knows_commands() {
        return;
    }
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlDialogElement>().ok());
    if let Some(dialog) = element.filter(|dialog| !dialog.open()) {
        // It fails only for a dialog that is not in the page any more, and then there is nothing to open.
        let _ = dialog.show_modal();
    }
}

/// Whether a button's `command` does something by itself in this browser.
#[cfg(feature = "hydrate")]
fn knows_commands() -> bool {
    let button = document().query_selector("button[command]").ok().flatten();
    button.is_some_and(|button| js_sys::Reflect::has(&button, &"commandForElement".into()).unwrap_or(false))
}

/// Nothing is clicked on a server.
#[cfg(not(feature = "hydrate"))]
fn knows_commands() -> bool {
    true
}
