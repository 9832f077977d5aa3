//! A few further actions behind one button: a native popover, which the browser opens, places and closes.

use leptos::{either::Either, ev, prelude::*, wasm_bindgen::JsCast, web_sys};

use super::{Glyph, Icon, IconSize};

/// A button and the list it opens.
#[component]
pub fn Menu(
    /// Id of the list, unique on the page.
    #[prop(into)]
    id: String,
    /// What the button says.
    #[prop(into)]
    label: String,
    /// Opens upwards, for a button at the bottom of the window.
    #[prop(optional)]
    upwards: bool,
    /// [`MenuItem`]s and [`MenuSeparator`]s.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="menu-anchor">
            <button class="btn btn-ghost btn-md menu-button" type="button" popovertarget=id.clone()>
                <span class="menu-label">{label}</span>
                <Icon glyph=Glyph::ChevronDown size=IconSize::Small />
            </button>
            <ul class="menu-list" class:menu-upwards=upwards id=id popover="auto" on:click=close>
                {children()}
            </ul>
        </div>
    }
}

/// A menu whose button is three dots.
#[component]
pub fn MoreMenu<C: IntoView + Send + 'static>(
    /// Id of the list, unique on the page.
    id: String,
    /// The accessible name of the button: "Actions".
    label: String,
    /// [`MenuItem`]s and [`MenuSeparator`]s.
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <div class="menu-anchor">
            <button class="btn btn-ghost btn-square btn-md" type="button" popovertarget=id.clone() aria-label=label>
                <Icon glyph=Glyph::More />
            </button>
            <ul class="menu-list" id=id popover="auto" on:click=close>
                {children.into_inner()()}
            </ul>
        </div>
    }
}

/// The menu at the end of a table's row. Its items are made when it is opened first, as they would be more than half of a
/// long list. So it needs scripts: what it offers is found without them beside the list or behind the title.
#[component]
pub fn RowMenu(
    /// Id of the list, unique on the page.
    id: String,
    /// The accessible name of the button: "Actions for invoice.pdf".
    label: String,
    /// [`MenuItem`]s and [`MenuSeparator`]s.
    #[prop(into)]
    items: ViewFn,
) -> impl IntoView {
    let is_wanted = RwSignal::new(false);
    view! {
        <MoreMenu id label class:needs-scripts=true on:click=move |_| is_wanted.set(true)>
            {move || is_wanted.get().then(|| items.run())}
        </MoreMenu>
    }
}

/// Goes on at the menu of the next row, or of the one before, where what was chosen in this [`RowMenu`] takes its row away: it would
/// take the focus along. In the browser only.
pub fn leave_row(menu: &str) {
    let row = document().get_element_by_id(menu).and_then(|menu| menu.closest("tr").ok().flatten());
    let other = row.and_then(|row| row.next_element_sibling().or_else(|| row.previous_element_sibling()));
    let button = other.and_then(|other| other.query_selector("button[popovertarget]").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        // It fails only for an element that is not in the page any more.
        let _ = button.focus();
    }
}

/// A link, or a button where there is no `href` (listen with `on:click`; `submits` posts the form around the menu).
#[component]
pub fn MenuItem<C: IntoView + Send + 'static>(
    #[prop(optional, into)] href: Option<String>,
    /// The link leaves the app.
    #[prop(optional)]
    external: bool,
    /// The link is saved instead of opened.
    #[prop(optional)]
    download: bool,
    #[prop(optional)] submits: bool,
    /// Takes something away.
    #[prop(optional)]
    danger: bool,
    #[prop(optional)] glyph: Option<Glyph>,
    children: TypedChildren<C>,
) -> impl IntoView {
    let class = if danger { "menu-item menu-item-danger" } else { "menu-item" };
    let icon = glyph.map(|glyph| view! { <Icon glyph /> });
    let content = children.into_inner()();
    let face = match href {
        Some(href) => Either::Left(view! {
            <a class=class href=href rel=external.then_some("external") download=download>
                {icon}
                {content}
            </a>
        }),
        None => Either::Right(view! {
            <button class=class type=if submits { "submit" } else { "button" }>
                {icon}
                {content}
            </button>
        }),
    };
    view! { <li>{face}</li> }
}

/// A line between groups of items.
#[component]
pub fn MenuSeparator() -> impl IntoView {
    view! { <li class="menu-separator" role="separator"></li> }
}

/// A chosen item closes its menu; links inside the app load no page that would.
fn close(event: ev::MouseEvent) {
    let list = event.current_target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(list) = list {
        // It fails only where popovers are unknown, and there the list was never hidden.
        let _ = list.hide_popover();
    }
}
