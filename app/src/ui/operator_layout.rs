//! The frame of the operators' pages.

use leptos::prelude::*;

use super::{ThemeSwitch, Wordmark};
use crate::routes;

/// Header and footer around a page for operators. Its links load pages: there is no router behind them.
#[component]
pub fn OperatorLayout(
    /// The operator's name.
    operator: String,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class="public-layout">
            <header class="public-header">
                <a class="wordmark-link" href=routes::OPERATOR aria-label="Sheaf, all workspaces">
                    <Wordmark />
                </a>
                <form class="cluster gap-small" method="post" action=routes::OPERATOR_SIGN_OUT>
                    <span>{operator}</span>
                    <button class="btn btn-sm" type="submit">
                        "Sign out"
                    </button>
                </form>
            </header>
            <main class="public-main" id="main" tabindex="-1">
                {children()}
            </main>
            <footer class="public-footer">
                <p>"For those who run this Sheaf. What is done here is recorded."</p>
                <ThemeSwitch />
            </footer>
        </div>
    }
}
