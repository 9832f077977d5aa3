//! The pages before the sign-in. They are plain HTML: no module is loaded and every form posts.

use domain::ErrorKind;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode, StaticSegment,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    accounts::{ForgotPassword, NewWorkspace, ResetPassword, SignIn, SignUp, VerifyEmail},
    frame::Frame,
    mailbox::Mailbox,
    marketing::{Changelog, Design, Docs, DocsExport, Home, Pricing, Privacy, Terms},
    members::InvitationPage,
    operators::{
        DeadLettersPage, HealthPage, IncidentPage, IncidentsPage, LanePage, LanesPage, OperatorSignIn, QueuesPage,
        RevenuePage, RevenueWorkspacesPage, SlowRequestPage, SlowRequestsPage, StripeEventPage, StripeEventsPage,
        SwitchPage, SwitchesPage, TenantPage, TenantsPage,
    },
    provide_app, routes,
    session::CurrentMember,
    status::StatusPage,
    title,
    ui::{ForbiddenPage, NotFoundPage, PublicLayout, RefusedPage},
};

/// Context that the server provides on a developer's machine: without it, [`routes::DESIGN`] is not found.
#[derive(Debug, Clone, Copy)]
pub struct DevelopmentPages;

/// Context that the server provides where it refused what a browser has gone to: the page for what is not there says why.
#[derive(Debug, Clone)]
pub struct RefusedRequest {
    pub kind: ErrorKind,
    pub message: String,
    /// By which operators find what was logged of it, where the fault is ours.
    pub reference: Option<String>,
}

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

/// In the frame of the app for who is signed in: nobody is asked to sign in twice.
#[component]
pub(crate) fn NoSuchPage() -> impl IntoView {
    let is_member = use_context::<CurrentMember>().is_some_and(|current| current.profile.is_some());
    if is_member {
        provide_app();
        view! {
            <Frame>
                <Refusal />
            </Frame>
        }
        .into_any()
    } else {
        view! {
            <PublicLayout>
                <Refusal />
            </PublicLayout>
        }
        .into_any()
    }
}

#[component]
fn Refusal() -> impl IntoView {
    match use_context::<RefusedRequest>() {
        None | Some(RefusedRequest { kind: ErrorKind::NotFound, .. }) => view! { <NotFoundPage /> }.into_any(),
        Some(RefusedRequest { kind: ErrorKind::Forbidden, message, .. }) => {
            view! { <ForbiddenPage text=message /> }.into_any()
        }
        Some(RefusedRequest { kind, message, reference }) => {
            view! { <RefusedPage status=kind.status() text=message reference /> }.into_any()
        }
    }
}
