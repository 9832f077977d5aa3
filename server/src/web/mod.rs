//! The table of contents of everything that is reached by HTTP. A test holds who may call what, and calls each.

mod address;
mod api_keys;
mod assets;
mod audit_files;
mod auth_forms;
mod billing;
mod conditional;
mod connections;
mod csrf;
mod deadline;
mod downloads;
mod drain;
mod error;
mod events;
mod executor;
mod forms;
mod headers;
mod health;
mod intake;
mod jobs;
mod limits;
mod links;
mod logo;
mod navigation;
mod observe;
mod operator_billing;
mod operator_health;
mod operator_incidents;
mod operator_queues;
mod operator_revenue;
mod operator_slow;
mod operator_switches;
mod operators;
mod pace;
mod pages;
mod paused;
mod programs;
mod public;
mod ranges;
mod returned;
mod seen;
mod session;
mod state;
mod status;
mod status_feed;
mod support;
mod theme;
mod uploads;
mod well_known;
mod workspaces;

use std::time::{Duration, Instant};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware,
    routing::{get, post},
};
use domain::{Result, Services};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer};

use crate::{
    config::Config,
    shutdown::{GRACE, Shutdown},
};
use app::routes;
pub use state::AppState;

/// How often a server looks how all of Sheaf is, though nobody asks.
const STATUS_EVERY: Duration = Duration::from_secs(30);

/// What a form or a server function may send, in bytes.
const MAX_FORM_BYTES: usize = 256 * 1024;

/// Serves until `shutdown`, and a little longer for what is under way.
pub async fn serve(config: &Config, services: Services, listener: TcpListener, shutdown: Shutdown) -> Result<()> {
    let begun = Instant::now();
    let state = AppState::new(config, services, shutdown.clone())?;
    tokio::spawn(look_at_status(state.clone(), shutdown.stopping.clone()));
    let app = router(state);
    tracing::info!(routes_ms = begun.elapsed().as_millis() as u64, "answering requests");
    let stopping = shutdown.stopping;
    tokio::select! {
        () = connections::answer(listener, app, connections::SILENCE, &stopping) => {}
        () = async { stopping.cancelled().await; tokio::time::sleep(GRACE).await; } => {}
    }
    Ok(())
}

/// What is told of Sheaf while the database is away is from half a minute before, and not from whoever looked last.
async fn look_at_status(state: AppState, stopping: CancellationToken) {
    while stopping.run_until_cancelled(tokio::time::sleep(STATUS_EVERY)).await.is_some() {
        state.status.get(&state.services).await;
    }
}

/// Every route, with the layers around it.
pub fn router(state: AppState) -> Router {
    executor::carry_on();
    let app_routes = leptos_axum::generate_route_list(app::App);
    let mut public_routes = leptos_axum::generate_route_list(app::PublicSite);
    // What is on these pages is found by their handlers, which render them.
    public_routes.retain(|route| !route.path().starts_with(routes::OPERATOR) && route.path() != routes::STATUS);
    // What is the same for everybody is kept, and asks nobody who they are.
    public_routes.retain(|route| !public::is_kept(route.path()));
    let kept_pages = public::routes()
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, deadline::REQUEST_TIMEOUT));

    // For signed-in people, who are sent to the sign-in page otherwise.
    let app_pages = pages::rendered(&state, app_routes, pages::app_shell(&state))
        .route_layer(middleware::from_fn_with_state(state.clone(), returned::open))
        .route_layer(middleware::from_fn_with_state(state.clone(), paused::look))
        .route_layer(middleware::from_fn(session::require_page));

    // Plain pages, and the forms on them.
    let public_pages = pages::rendered(&state, public_routes, pages::public_shell(&state))
        .route(routes::SIGN_UP, post(auth_forms::sign_up))
        .route(routes::SIGN_IN, post(auth_forms::sign_in))
        .route(routes::VERIFY, post(auth_forms::verify))
        .route(routes::FORGOT_PASSWORD, post(auth_forms::forgot_password))
        .route(routes::RESET_PASSWORD, post(auth_forms::reset_password))
        .route(routes::SIGN_OUT, post(auth_forms::sign_out))
        .route(routes::INVITE, post(workspaces::accept_invite))
        .route(routes::SWITCH, post(workspaces::switch))
        .route(routes::WORKSPACES, post(workspaces::make))
        .route(routes::THEME, post(theme::choose));

    // For operators, and for nobody else to know of; and what support and owners do in a workspace.
    let operators = Router::new()
        .route(routes::OPERATOR, get(operators::tenants))
        .route(routes::OPERATOR_SIGN_IN, get(operators::sign_in_page).post(operators::sign_in))
        .route(routes::OPERATOR_SIGN_OUT, post(operators::sign_out))
        .route("/operator/tenants/{id}", get(operators::tenant))
        .route("/operator/tenants/{id}/suspend", post(operators::suspend))
        .route("/operator/tenants/{id}/restore", post(operators::restore))
        .route("/operator/tenants/{id}/enter", post(operators::enter))
        .route(routes::OPERATOR_QUEUES, get(operator_queues::queues))
        .route(routes::OPERATOR_LANES, get(operator_queues::lanes))
        .route(routes::OPERATOR_LANE, get(operator_queues::lane).post(operator_queues::set_lane))
        .route(routes::OPERATOR_DEAD, get(operator_queues::dead_letters))
        .route(routes::OPERATOR_PAUSE, post(operator_queues::pause))
        .route(routes::OPERATOR_RESUME, post(operator_queues::resume))
        .route(routes::OPERATOR_REPLAY, post(operator_queues::replay))
        .route(routes::OPERATOR_HEALTH, get(operator_health::health))
        .route(routes::OPERATOR_REVENUE, get(operator_revenue::revenue))
        .route(routes::OPERATOR_REVENUE_CSV, get(operator_revenue::revenue_csv))
        .route(routes::OPERATOR_REVENUE_WORKSPACES, get(operator_revenue::workspaces))
        .route(routes::OPERATOR_STRIPE, get(operator_billing::events))
        .route(routes::OPERATOR_STRIPE_EVENT, get(operator_billing::event))
        .route(routes::OPERATOR_STRIPE_REPLAY, post(operator_billing::replay))
        .route(routes::OPERATOR_INCIDENTS, get(operator_incidents::incidents).post(operator_incidents::open))
        .route(routes::OPERATOR_INCIDENT, get(operator_incidents::incident).post(operator_incidents::tell))
        .route(routes::OPERATOR_SWITCHES, get(operator_switches::switches))
        .route(routes::OPERATOR_SWITCH, get(operator_switches::switch).post(operator_switches::set))
        .route(routes::OPERATOR_SLOW, get(operator_slow::list))
        .route("/operator/slow/{id}", get(operator_slow::one))
        .route(routes::SUPPORT_CONSENT, post(support::consent))
        .route(routes::SUPPORT_WITHDRAW, post(support::withdraw))
        .route(routes::SUPPORT_LEAVE, post(support::leave));

    // What a workspace may call so many times a minute, as its plan says.
    let counted = || middleware::from_fn_with_state(state.clone(), limits::per_minute);

    // Server functions: each finds its own actor.
    let functions = Router::new().route("/api/{*function}", post(pages::server_function)).route_layer(counted());

    // Work, for whoever was told that something is done later.
    let jobs = Router::new()
        .route("/jobs/{id}", get(jobs::show))
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/jobs/{id}/retry", post(jobs::retry))
        .route_layer(middleware::from_fn(conditional::text))
        .route_layer(counted());

    // A picture is larger than what other forms send.
    let logo = Router::new()
        .route(routes::LOGO, get(logo::show).post(logo::set).layer(DefaultBodyLimit::max(logo::MAX_FORM_BYTES)));

    // A key of a program, whose one showing is a page of the app.
    let keys = Router::new()
        .route(routes::SETTINGS_KEYS, post(api_keys::make))
        .route_layer(middleware::from_fn_with_state(state.clone(), paused::look));

    // To the payment service and back. Whoever has signed out on the way signs in and comes back.
    let payment = Router::new()
        .route(routes::BILLING_RETURN, get(billing::returned))
        .route_layer(middleware::from_fn(session::require_page))
        .route(routes::BILLING_CHECKOUT, post(billing::checkout))
        .route(routes::BILLING_PORTAL, post(billing::portal));

    // For Stripe, which signs what it tells: no person is asking, and no page of ours.
    let webhooks = Router::new()
        .route(routes::STRIPE_WEBHOOK, post(billing::webhook))
        .layer(DefaultBodyLimit::max(billing::MAX_EVENT_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, billing::EVENT_TIMEOUT));

    let quick = Router::new()
        .merge(app_pages)
        .merge(public_pages)
        .merge(operators)
        .merge(functions)
        .merge(jobs)
        .merge(logo)
        .merge(keys)
        .merge(payment)
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(middleware::from_fn(deadline::keep));

    let taken = Router::new()
        .route(routes::UPLOADS, post(uploads::upload).layer(DefaultBodyLimit::disable()))
        .route_layer(counted());

    // Bytes and events, which take as long as they take once they have begun; each has its own limits.
    let streams = Router::new()
        .route("/documents/{id}/original", get(downloads::original))
        .route("/documents/{id}/text.txt", get(downloads::text))
        .route("/documents/{id}/pages/{page}", get(downloads::page_image))
        .route("/documents/{id}/pages/{page}/thumbnail.png", get(downloads::thumbnail))
        .route("/reports/{id}/report.pdf", get(downloads::report))
        .route(routes::AUDIT_CSV, get(audit_files::csv))
        .route(routes::AUDIT_JSON_LINES, get(audit_files::json_lines))
        .route(routes::OPERATOR_REVENUE_WORKSPACES_CSV, get(operator_revenue::workspaces_csv))
        .route(routes::USAGE_CSV, get(billing::usage_csv))
        .route("/settings/export/{id}/archive.zip", get(downloads::export))
        .route(routes::EVENTS, get(events::events))
        .layer(middleware::from_fn(deadline::keep))
        .merge(taken);

    // How Sheaf is, for programs that ask again and again.
    let told = Router::new()
        .route(routes::STATUS_JSON, get(status::json))
        .route(routes::STATUS_ATOM, get(status::atom))
        .route_layer(middleware::from_fn(conditional::text));

    Router::new()
        .merge(quick)
        .merge(streams)
        .layer(middleware::from_fn_with_state(state.clone(), seen::follow))
        .layer(middleware::from_fn_with_state(state.clone(), session::identify))
        .layer(middleware::from_fn_with_state(state.clone(), csrf::same_origin_only))
        .merge(webhooks)
        // For everybody, and also where the database is away: nobody is asked who they are.
        .route(routes::STATUS, get(status::page))
        .merge(told)
        // A link lets in by itself; it tells only what its maker may read.
        .route(routes::FILE_LINK, get(links::file).layer(middleware::from_fn(deadline::keep)))
        .route(routes::SITEMAP, get(well_known::sitemap))
        .route(routes::SECURITY_TXT, get(well_known::security))
        .route(routes::LIVEZ, get(health::live))
        .route(routes::READYZ, get(health::ready))
        .fallback(assets::file_or_not_found)
        .layer(middleware::from_fn_with_state(state.clone(), navigation::shown))
        .layer(CompressionLayer::new().compress_when(assets::worth_compressing()))
        .merge(kept_pages)
        .layer(middleware::from_fn(headers::secure))
        .layer(middleware::from_fn_with_state(state.clone(), drain::say_goodbye))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn_with_state(state.clone(), observe::observe))
        .with_state(state)
}
