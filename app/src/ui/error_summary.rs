//! All that is wrong with a form, in one place that takes the focus.

use leptos::prelude::*;

use super::{Glyph, Icon, form_state::input_id, use_form_state};

/// Lists the errors of the form around it, each a link to its field. Nothing while there are none.
#[component]
pub fn ErrorSummary() -> impl IntoView {
    let state = use_form_state();
    move || {
        state.with(|state| {
            state.is_wrong().then(|| {
                let title = state.message.clone().unwrap_or_else(|| "Please check what you entered.".into());
                let links: Vec<_> = state.errors.iter().map(|error| link(&error.field, &error.message)).collect();
                view! {
                    <div class="notice tone-danger" role="alert" tabindex="-1" autofocus=true>
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
