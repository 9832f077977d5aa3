//! The head of a page: where one is, what this is, what one can do.

use leptos::prelude::*;

use super::{Glyph, Icon, IconSize};

/// One step on the way to this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// Title, description, the way here and the actions of a page.
#[component]
pub fn PageHeader(
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] description: Option<Signal<String>>,
    /// The pages above this one, the topmost first.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// The actions, the most important last.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            {(!crumbs.is_empty()).then(|| view! { <Crumbs crumbs /> })} <div class="page-header-row">
                <div class="page-header-text">
                    <h1 class="page-title">{move || title.get()}</h1>
                    {description.map(|text| view! { <p class="page-description">{move || text.get()}</p> })}
                </div>
                {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
            </div>
        </header>
    }
}

#[component]
fn Crumbs(crumbs: Vec<Crumb>) -> impl IntoView {
    view! {
        <nav class="crumbs" aria-label="Breadcrumbs">
            <ol>
                {crumbs
                    .into_iter()
                    .map(|crumb| {
                        view! {
                            <li>
                                <a href=crumb.href>{crumb.label}</a>
                                <Icon glyph=Glyph::ChevronRight size=IconSize::Small />
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </nav>
    }
}
