//! The frame of the public pages.

use leptos::prelude::*;

use super::{ThemeSwitch, Wordmark};
use crate::routes;

const FOOTER: [(&str, &str); 6] = [
    (routes::DOCS, "Docs"),
    (routes::PRICING, "Pricing"),
    (routes::CHANGELOG, "Changelog"),
    (routes::STATUS, "Status"),
    (routes::TERMS, "Terms"),
    (routes::PRIVACY, "Privacy"),
];

/// Header and footer around a public page. Its links load pages: there is no router behind them.
#[component]
pub fn PublicLayout(
    /// For one form: a narrow column, and a header with the name alone.
    #[prop(optional)]
    narrow: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class="public-layout">
            <header class="public-header">
                <a class="wordmark-link" href=routes::HOME aria-label="Sheaf, home">
                    <Wordmark />
                </a>
                {(!narrow)
                    .then(|| {
                        view! {
                            <nav class="public-nav" aria-label="Main">
                                <a class="quiet-link" href=routes::DOCS>
                                    "Docs"
                                </a>
                                <a class="quiet-link" href=routes::PRICING>
                                    "Pricing"
                                </a>
                                <a class="quiet-link" href=routes::SIGN_IN>
                                    "Sign in"
                                </a>
                                <a class="btn btn-primary btn-md public-nav-action" href=routes::SIGN_UP>
                                    "Create a workspace"
                                </a>
                            </nav>
                        }
                    })}
            </header>
            <main class=if narrow { "public-main public-main-narrow" } else { "public-main" } id="main" tabindex="-1">
                {children()}
            </main>
            <footer class="public-footer">
                <p>"Sheaf reads documents and sends finished work out again."</p>
                <nav class="public-footer-nav" aria-label="About Sheaf">
                    {FOOTER
                        .map(|(href, label)| {
                            view! {
                                <a class="quiet-link" href=href>
                                    {label}
                                </a>
                            }
                        })
                        .into_iter()
                        .collect_view()}
                </nav>
                <ThemeSwitch />
            </footer>
        </div>
    }
}
