//! A menu item that does something.

use leptos::{ev, prelude::*};

use super::{Glyph, Icon};

/// A button in a [`Menu`](super::Menu). Without scripts it posts `name=value` to `action` through the form with the id
/// `form`; with scripts `on_choose` is called instead.
#[component]
pub fn MenuPost<F, C>(
    /// The id of a form elsewhere on the page.
    form: &'static str,
    action: &'static str,
    name: &'static str,
    value: String,
    on_choose: F,
    /// Takes something away.
    #[prop(optional)]
    danger: bool,
    #[prop(optional)] glyph: Option<Glyph>,
    children: TypedChildren<C>,
) -> impl IntoView
where
    F: Fn() + 'static,
    C: IntoView + Send + 'static,
{
    let class = if danger { "menu-item menu-item-danger" } else { "menu-item" };
    let choose = move |event: ev::MouseEvent| {
        event.prevent_default();
        on_choose();
    };
    view! {
        <li>
            <button class=class type="submit" form=form formaction=action name=name value=value on:click=choose>
                {glyph.map(|glyph| view! { <Icon glyph /> })}
                {children.into_inner()()}
            </button>
        </li>
    }
}
