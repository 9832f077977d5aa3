//! Whole pages for what went wrong. Each sets the status of the answer.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{Button, ButtonKind, OtherWorkspace, PostForm};
use crate::routes;

/// 404: nothing is here, or it belongs to somebody else.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <ErrorPage
            status=404
            title="There is nothing here"
            text="The address may be mistyped, or what was here is gone, or it is not yours to see."
        />
    }
}

/// 403: the person may know of it and may not do it.
#[component]
pub fn ForbiddenPage(
    /// Why not, and who can help.
    #[prop(default = NOT_YOURS.into(), into)]
    text: String,
) -> impl IntoView {
    view! { <ErrorPage status=403 title="This is not open to you" text /> }
}

const NOT_YOURS: &str = "Your role in this workspace does not allow this. An owner or admin can change that.";

/// 403: nobody may do anything here until an operator says so.
#[component]
pub fn SuspendedPage(
    /// Where else the person may go.
    others: Vec<OtherWorkspace>,
) -> impl IntoView {
    let ways = others
        .into_iter()
        .map(|OtherWorkspace { id, name }| {
            view! {
                <PostForm id=format!("to-{id}") action=routes::SWITCH>
                    <Button kind=ButtonKind::Submit name="tenant" value=id>
                        {format!("Open {name}")}
                    </Button>
                </PostForm>
            }
        })
        .collect_view();
    view! {
        <ErrorPage status=403 title="This workspace is suspended" text=domain::operators::SUSPENDED>
            {ways}
            <PostForm id="leave-suspended" action=routes::SIGN_OUT>
                <Button kind=ButtonKind::Submit>"Sign out"</Button>
            </PostForm>
        </ErrorPage>
    }
}

/// 402: nobody may do anything here until a payment that is missing has arrived.
#[component]
pub fn UnpaidPage(
    /// The ways on.
    children: Children,
) -> impl IntoView {
    let text = "A payment is missing. Nothing was deleted, and as soon as an owner has paid, everything works again.";
    view! {
        <ErrorPage status=402 title="This workspace is closed" text>
            {children()}
        </ErrorPage>
    }
}

/// Whatever else was refused to a browser that has gone to an address.
#[component]
pub fn RefusedPage(
    /// The status of the answer.
    status: u16,
    /// Why, and what helps.
    #[prop(into)]
    text: String,
    /// By which operators find what was logged of it, where the fault is ours.
    #[prop(default = None)]
    reference: Option<String>,
) -> impl IntoView {
    view! { <ErrorPage status title="This did not work" text reference /> }
}

#[component]
fn ErrorPage(
    status: u16,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(default = None)] reference: Option<String>,
    /// The ways on, where they are others than to the documents and home.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    set_status(status);
    view! {
        <Title text=title.clone() />
        <div class="error-page">
            <p class="error-page-status">{status}</p>
            <h1 class="page-title">{title}</h1>
            <p class="error-page-text">{text}</p>
            {reference.map(|id| view! { <p class="error-page-reference">"Reference: " <code>{id}</code></p> })}
            <div class="state-actions">
                {match children {
                    Some(children) => children(),
                    None => view! { <UsualWays /> }.into_any(),
                }}
            </div>
        </div>
    }
}

#[component]
fn UsualWays() -> impl IntoView {
    view! {
        <Button href=routes::DOCUMENTS>"Your documents"</Button>
        <Button href=routes::HOME external=true>
            "Home page"
        </Button>
    }
}

#[cfg(feature = "ssr")]
fn set_status(status: u16) {
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
}

#[cfg(not(feature = "ssr"))]
fn set_status(_status: u16) {}
