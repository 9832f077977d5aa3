//! All that is wrong with a form, in one place that takes the focus.

use leptos::{html, prelude::*};

use super::{FormState, Glyph, Icon, form_state::input_id, use_form_state};

/// Lists the errors of the form around it, each a link to its field. Nothing while there are none.
#[component]
pub fn ErrorSummary() -> impl IntoView {
    let state = use_form_state();
    let summary = NodeRef::<html::Div>::new();
    // The browser gives the focus to what came with the page. Later it mostly has one already, and leaves it.
    Effect::new(move |before: Option<()>| {
        let is_wrong = state.with(FormState::is_wrong);
        if let Some(summary) = summary.get().filter(|_| before.is_some() && is_wrong) {
            // It fails only for an element that is not in the page any more.
            let _ = summary.focus();
        }
    });
    move || {
        state.with(|state| {
            state.is_wrong().then(|| {
                let title = state.message.clone().unwrap_or_else(|| "Please check what you entered.".into());
                let links: Vec<_> = state.errors.iter().map(|error| link(&error.field, &error.message)).collect();
                view! {
                    <div class="notice tone-danger" node_ref=summary role="alert" tabindex="-1" autofocus=true>
                        <Icon glyph=Glyph::Error />
                        <div class="notice-body">
                            <p class="notice-title">{title}</p>
                            {(!links.is_empty()).then(|| view! { <ul class="notice-list">{links}</ul> })}
                        </div>
                    </div>
                }
            })
        })
    }
}

fn link(field: &str, message: &str) -> impl IntoView + use<> {
    let href = format!("#{}", input_id(field));
    let message = message.to_owned();
    view! {
        <li>
            <a href=href>{message}</a>
        </li>
    }
}
