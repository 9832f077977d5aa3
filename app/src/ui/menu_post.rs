//! A menu item that does something.

use leptos::{ev, prelude::*};

use super::{Glyph, Icon};

/// A button in a [`Menu`](super::Menu). Without scripts it posts `name=value` to `action` through the form with the id
/// `form`; with scripts `on_choose` is called instead.
#[component]
pub fn MenuPost<C: IntoView + Send + 'static>(
    /// The id of a form elsewhere on the page.
    #[prop(into)]
    form: String,
    #[prop(into)] action: String,
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    #[prop(into)] on_choose: Callback<()>,
    /// Takes something away.
    #[prop(optional)]
    danger: bool,
    #[prop(optional)] glyph: Option<Glyph>,
    children: TypedChildren<C>,
) -> impl IntoView {
    let class = if danger { "menu-item menu-item-danger" } else { "menu-item" };
    let choose = move |event: ev::MouseEvent| {
        event.prevent_default();
        on_choose.run(());
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
