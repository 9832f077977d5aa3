//! Pages and server functions: what is put into the context of each.

use app::{
    DevelopmentPages,
    features::{ReadAgainPaused, UploadsPaused},
    returned::Returned,
    session::CurrentMember,
    shell::Stylesheet,
    ui::{RequestTime, ThemeChoice},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, header::CONTENT_SECURITY_POLICY, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{AxumRouteListing, ResponseOptions};

use super::{AppState, error::Failure, returned, session};

/// Renders the app.
pub fn app_shell(state: &AppState) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static + use<> {
    let options = state.leptos.clone();
    move || app::shell::app_shell(options.clone()).into_any()
}

/// Renders the public pages.
pub fn public_shell(state: &AppState) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static + use<> {
    let options = state.leptos.clone();
    move || app::shell::public_shell(options.clone()).into_any()
}

/// The services, who is asking, and how the page is to look.
pub fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static + use<> {
    let state = state.clone();
    move || {
        provide_context(state.services.clone());
        provide_context(RequestTime(state.services.clock.now()));
        provide_context(Stylesheet(state.stylesheet.clone()));
        provide_context(state.parts.clone());
        if state.development {
            provide_context(DevelopmentPages);
        }
        let mut is_member = false;
        if let Some(parts) = use_context::<Parts>() {
            let current = parts.extensions.get::<CurrentMember>().cloned().unwrap_or_default();
            is_member = current.member.is_some();
            provide_context(current);
            provide_context(theme_of(&parts));
            if let Some(paused) = parts.extensions.get::<UploadsPaused>() {
                provide_context(*paused);
            }
            if let Some(paused) = parts.extensions.get::<ReadAgainPaused>() {
                provide_context(*paused);
            }
            if let Some(returned) = parts.extensions.get::<Returned>() {
                provide_context(returned.clone());
            }
        }
        set_policy(if is_member { &state.payment_pages } else { "" });
    }
}

/// A route for each page. The pages of both roots are wired here and not by leptos' own helper, which would add every server
/// function once a root.
pub fn rendered<F>(state: &AppState, listings: Vec<AxumRouteListing>, shell: F) -> Router<AppState>
where
    F: Fn() -> AnyView + Clone + Send + Sync + 'static,
{
    listings.into_iter().fold(Router::new(), |router, listing| {
        let page = leptos_axum::render_app_async_with_context(context(state), shell.clone());
        router.route(listing.path(), get(page))
    })
}

/// Runs one server function. What it answers is private to whoever asked. A plain form that it refuses comes back with what was
/// typed.
pub async fn server_function(State(state): State<AppState>, request: Request<Body>) -> Result<Response, Failure> {
    let (request, form) = returned::look_into(request).await?;
    let answer = at_root(|| leptos_axum::handle_server_fns_with_context(context(&state), request)).await;
    let mut response = answer.into_response();
    if let Some(form) = form {
        form.lead_back(&state, &mut response);
    }
    Ok(response)
}

/// Runs it as nobody's child. Leptos (0.8) leaves the owner of a page that it has begun on the thread, and makes whoever comes
/// next on that thread its child, which may be a call of another person: what it asked for and was not given would be
/// answered out of that page. And where that page ended while it asked, it would clean itself up under its own lock, and the
/// thread would stand still for ever.
async fn at_root<F: Future>(run: impl FnOnce() -> F) -> F::Output {
    let root = Owner::new_root(None);
    let answer = run().await;
    drop(root);
    answer
}

fn theme_of(parts: &Parts) -> ThemeChoice {
    let cookie = session::cookie(&parts.headers, ThemeChoice::COOKIE);
    cookie.map_or(ThemeChoice::System, ThemeChoice::parse)
}

/// The policy of a page that we rendered: our own files, our own scripts by nonce, and nothing from elsewhere. Browsers ask it
/// also about where a form is led on to, which for members is where they pay.
fn set_policy(payment_pages: &str) {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    let payment_pages = if payment_pages.is_empty() { String::new() } else { format!(" {payment_pages}") };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'{payment_pages}; base-uri 'none'; \
         frame-ancestors 'none'; manifest-src 'self'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Secret;

    #[tokio::test]
    async fn a_call_is_not_the_child_of_a_page_that_its_thread_has_begun() {
        let page = Owner::new_root(None);
        page.with(|| provide_context(Secret));
        let told = async || Owner::new().with(|| use_context::<Secret>().is_some());
        assert!(told().await, "without a root of its own it is told the page's");
        assert!(!at_root(told).await);
        // What else the thread may have begun before the call is answered is not told either.
        let late = at_root(|| async {
            let own = Owner::new();
            tokio::task::yield_now().await;
            page.set();
            own.with(|| use_context::<Secret>().is_some())
        });
        assert!(!late.await);
    }
}
