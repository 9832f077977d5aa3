//! What people see. [`App`] is the product behind the sign-in, rendered on the server and then hydrated; [`PublicSite`]
//! is everything before it, rendered on the server alone. Each feature's pages stand in a module of its own; `ui` is
//! the design system they are made of and `routes` every address.

// The type of a view is as deep as its elements.
#![recursion_limit = "256"]

pub mod accounts;
pub mod activity;
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
pub use public_site::{DevelopmentPages, PublicSite};

use activity::ActivityPage;
use billing::{BillingPage, PlanPage, UsagePage};
use documents::{DocumentList, DocumentTrash, FactsView, ReadAgainPage, ReadAllAgainPage, Reader, TextView};
use frame::Frame;
use reports::{NewReportPage, ReportList, ReportPage};
use search::SearchPage;
use settings::{
    AccountSettings, AuditSettings, ExportSettings, HealthSettings, MailSettings, MemberSettings, SessionSettings,
    WorkspaceSettings,
};
use ui::{NotFoundPage, provide_now, provide_toasts};

/// The product behind the sign-in.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_now();
    provide_toasts();
    ui::provide_undo();
    live::provide_live();
    documents::provide_uploads();
    // The paths are those of `routes`; the router wants them as literals.
    view! {
        <Title formatter=title />
        <Router>
            <Frame>
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/documents") view=DocumentList ssr=SsrMode::Async />
                    <Route path=path!("/documents/trash") view=DocumentTrash ssr=SsrMode::Async />
                    <Route path=path!("/documents/read-again") view=ReadAgainPage ssr=SsrMode::Async />
                    <Route path=path!("/documents/read-all-again") view=ReadAllAgainPage ssr=SsrMode::Async />
                    <Route path=path!("/documents/:id") view=Reader ssr=SsrMode::Async />
                    <Route path=path!("/documents/:id/text") view=TextView ssr=SsrMode::Async />
                    <Route path=path!("/documents/:id/facts") view=FactsView ssr=SsrMode::Async />
                    <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async />
                    <Route path=path!("/reports") view=ReportList ssr=SsrMode::Async />
                    <Route path=path!("/reports/new") view=NewReportPage ssr=SsrMode::Async />
                    <Route path=path!("/reports/:id") view=ReportPage ssr=SsrMode::Async />
                    <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=AccountSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/account") view=AccountSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/sessions") view=SessionSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/workspace") view=WorkspaceSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/members") view=MemberSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/mail") view=MailSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/health") view=HealthSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/audit") view=AuditSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/export") view=ExportSettings ssr=SsrMode::Async />
                    <Route path=path!("/settings/billing") view=BillingPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/billing/plan") view=PlanPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/usage") view=UsagePage ssr=SsrMode::Async />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}

/// A page's title as the tab shows it.
pub(crate) fn title(page: String) -> String {
    if page.is_empty() { "Sheaf".into() } else { format!("{page} · Sheaf") }
}
