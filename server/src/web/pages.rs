//! Pages and server functions: what is put into the context of each.

use app::{
    DevelopmentPages,
    session::CurrentMember,
    shell::Stylesheet,
    ui::{RequestTime, ThemeChoice},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, header::CONTENT_SECURITY_POLICY, request::Parts},
    response::IntoResponse,
    routing::get,
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{AxumRouteListing, ResponseOptions};

use super::{AppState, session};

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
        if state.development {
            provide_context(DevelopmentPages);
        }
        if let Some(parts) = use_context::<Parts>() {
            provide_context(parts.extensions.get::<CurrentMember>().cloned().unwrap_or_default());
            provide_context(theme_of(&parts));
        }
        set_policy();
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

/// Runs one server function. What it answers is private to whoever asked.
pub async fn server_function(State(state): State<AppState>, request: Request<Body>) -> impl IntoResponse {
    leptos_axum::handle_server_fns_with_context(context(&state), request).await
}

fn theme_of(parts: &Parts) -> ThemeChoice {
    let cookie = session::cookie(&parts.headers, ThemeChoice::COOKIE);
    cookie.map_or(ThemeChoice::System, ThemeChoice::parse)
}

/// The policy of a page that we rendered: our own files, our own scripts by nonce, and nothing from elsewhere.
fn set_policy() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; manifest-src 'self'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}
