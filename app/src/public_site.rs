//! The pages before the sign-in. They are plain HTML: no module is loaded and every form posts.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode, StaticSegment,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    accounts::{ForgotPassword, NewWorkspace, ResetPassword, SignIn, SignUp, VerifyEmail},
    mailbox::Mailbox,
    marketing::{Changelog, Design, Docs, DocsExport, Home, Pricing, Privacy, Terms},
    members::InvitationPage,
    operators::{
        DeadLettersPage, HealthPage, IncidentPage, IncidentsPage, LanePage, LanesPage, OperatorSignIn, QueuesPage,
        RevenuePage, RevenueWorkspacesPage, SlowRequestPage, SlowRequestsPage, StripeEventPage, StripeEventsPage,
        SwitchPage, SwitchesPage, TenantPage, TenantsPage,
    },
    routes,
    status::StatusPage,
    title,
    ui::{NotFoundPage, PublicLayout},
};

/// Context that the server provides on a developer's machine: without it, [`routes::DESIGN`] is not found.
#[derive(Debug, Clone, Copy)]
pub struct DevelopmentPages;

/// The root of the public pages.
#[component]
pub fn PublicSite() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=title />
        <Router>
            <FlatRoutes fallback=NoSuchPage>
                <Route path=StaticSegment(routes::HOME) view=Home ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::PRICING) view=Pricing ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::STATUS) view=StatusPage ssr=SsrMode::Async />
                <Route path=path!("/docs") view=Docs ssr=SsrMode::Async />
                <Route path=path!("/docs/export-format") view=DocsExport ssr=SsrMode::Async />
                <Route path=path!("/legal/terms") view=Terms ssr=SsrMode::Async />
                <Route path=path!("/legal/privacy") view=Privacy ssr=SsrMode::Async />
                <Route path=path!("/changelog") view=Changelog ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::SIGN_UP) view=SignUp ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::SIGN_IN) view=SignIn ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::VERIFY) view=VerifyEmail ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::FORGOT_PASSWORD) view=ForgotPassword ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::RESET_PASSWORD) view=ResetPassword ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::INVITE) view=InvitationPage ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::WORKSPACES) view=NewWorkspace ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::DESIGN) view=DesignOrNothing ssr=SsrMode::Async />
                <Route path=StaticSegment(routes::MAILBOX) view=Mailbox ssr=SsrMode::Async />
                <Route path=path!("/operator") view=TenantsPage ssr=SsrMode::Async />
                <Route path=path!("/operator/sign-in") view=OperatorSignIn ssr=SsrMode::Async />
                <Route path=path!("/operator/tenants/:id") view=TenantPage ssr=SsrMode::Async />
                <Route path=path!("/operator/queues") view=QueuesPage ssr=SsrMode::Async />
                <Route path=path!("/operator/queues/lanes") view=LanesPage ssr=SsrMode::Async />
                <Route path=path!("/operator/queues/lane") view=LanePage ssr=SsrMode::Async />
                <Route path=path!("/operator/queues/dead") view=DeadLettersPage ssr=SsrMode::Async />
                <Route path=path!("/operator/health") view=HealthPage ssr=SsrMode::Async />
                <Route path=path!("/operator/revenue") view=RevenuePage ssr=SsrMode::Async />
                <Route path=path!("/operator/revenue/workspaces") view=RevenueWorkspacesPage ssr=SsrMode::Async />
                <Route path=path!("/operator/stripe") view=StripeEventsPage ssr=SsrMode::Async />
                <Route path=path!("/operator/incidents") view=IncidentsPage ssr=SsrMode::Async />
                <Route path=path!("/operator/incidents/incident") view=IncidentPage ssr=SsrMode::Async />
                <Route path=path!("/operator/switches") view=SwitchesPage ssr=SsrMode::Async />
                <Route path=path!("/operator/switches/switch") view=SwitchPage ssr=SsrMode::Async />
                <Route path=path!("/operator/stripe/event") view=StripeEventPage ssr=SsrMode::Async />
                <Route path=path!("/operator/slow") view=SlowRequestsPage ssr=SsrMode::Async />
                <Route path=path!("/operator/slow/:id") view=SlowRequestPage ssr=SsrMode::Async />
            </FlatRoutes>
        </Router>
    }
}

#[component]
fn DesignOrNothing() -> impl IntoView {
    match use_context::<DevelopmentPages>() {
        Some(DevelopmentPages) => view! { <Design /> }.into_any(),
        None => view! { <NoSuchPage /> }.into_any(),
    }
}

#[component]
pub(crate) fn NoSuchPage() -> impl IntoView {
    view! {
        <PublicLayout>
            <NotFoundPage />
        </PublicLayout>
    }
}
