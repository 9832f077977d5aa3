//! What people see. [`App`] is the product behind the sign-in, rendered on the server and then hydrated; [`PublicSite`]
//! is everything before it, rendered on the server alone. Each feature's pages stand in a module of its own; `ui` is
//! the design system they are made of and `routes` every address.

// The type of a view is as deep as its elements.
#![recursion_limit = "256"]

pub mod accounts;
pub mod activity;
pub mod api_keys;
pub mod audit;
pub mod billing;
pub mod documents;
pub mod error;
pub mod exports;
mod failure;
pub mod features;
mod frame;
pub mod live;
pub mod mail;
pub mod members;
pub mod operators;
mod parts;
pub mod reports;
pub mod returned;
pub mod routes;
mod search;
mod settings;
pub mod tenants;
pub mod ui;

#[cfg(feature = "ssr")]
mod mailbox;
#[cfg(feature = "ssr")]
pub mod marketing;
#[cfg(feature = "ssr")]
mod public_site;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod status;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

#[cfg(feature = "ssr")]
pub use public_site::{DevelopmentPages, PublicSite, RefusedRequest};

use frame::Frame;
use ui::{NotFoundPage, provide_now, provide_toasts};

/// The product behind the sign-in.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_app();
    // The paths are those of `routes`; the router wants them as literals.
    view! {
        <Title formatter=title />
        <Router>
            <Frame>
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/documents") view=documents::Page::List ssr=SsrMode::Async />
                    <Route path=path!("/documents/trash") view=documents::Page::Trash ssr=SsrMode::Async />
                    <Route path=path!("/documents/read-again") view=documents::Page::ReadAgain ssr=SsrMode::Async />
                    <Route path=path!("/documents/read-all-again") view=documents::Page::ReadAllAgain ssr=SsrMode::Async />
                    <Route path=path!("/documents/:id") view=documents::ReaderPage::Pages ssr=SsrMode::Async />
                    <Route path=path!("/documents/:id/text") view=documents::ReaderPage::Text ssr=SsrMode::Async />
                    <Route path=path!("/documents/:id/facts") view=documents::ReaderPage::Facts ssr=SsrMode::Async />
                    <Route path=path!("/search") view=search::Page ssr=SsrMode::Async />
                    <Route path=path!("/reports") view=reports::Page::List ssr=SsrMode::Async />
                    <Route path=path!("/reports/new") view=reports::Page::New ssr=SsrMode::Async />
                    <Route path=path!("/reports/:id") view=reports::Page::One ssr=SsrMode::Async />
                    <Route path=path!("/activity") view=activity::Page ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=settings::Page::Account ssr=SsrMode::Async />
                    <Route path=path!("/settings/account") view=settings::Page::Account ssr=SsrMode::Async />
                    <Route path=path!("/settings/sessions") view=settings::Page::Sessions ssr=SsrMode::Async />
                    <Route path=path!("/settings/workspace") view=settings::Page::Workspace ssr=SsrMode::Async />
                    <Route path=path!("/settings/members") view=settings::Page::Members ssr=SsrMode::Async />
                    <Route path=path!("/settings/keys") view=settings::Page::Keys ssr=SsrMode::Async />
                    <Route path=path!("/settings/mail") view=settings::Page::Mail ssr=SsrMode::Async />
                    <Route path=path!("/settings/health") view=settings::Page::Health ssr=SsrMode::Async />
                    <Route path=path!("/settings/audit") view=settings::Page::Audit ssr=SsrMode::Async />
                    <Route path=path!("/settings/export") view=settings::Page::Export ssr=SsrMode::Async />
                    <Route path=path!("/settings/billing") view=billing::Page::Overview ssr=SsrMode::Async />
                    <Route path=path!("/settings/billing/plan") view=billing::Page::Plans ssr=SsrMode::Async />
                    <Route path=path!("/settings/usage") view=billing::Page::Usage ssr=SsrMode::Async />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}

/// What every page in the frame of the app finds.
fn provide_app() {
    provide_now();
    provide_toasts();
    ui::provide_undo();
    ui::provide_theme();
    live::provide_live();
    documents::provide_uploads();
}

/// A page's title as the tab shows it.
pub(crate) fn title(page: String) -> String {
    if page.is_empty() { "Sheaf".into() } else { format!("{page} · Sheaf") }
}
