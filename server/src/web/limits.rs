//! The calls and uploads that a workspace may make in a minute.

use std::time::Duration;

use app::session::CurrentMember;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Services, billing, id::TenantId};

use super::{AppState, error::Failure};

/// What is counted together, in seconds.
const MINUTE: u8 = 60;

/// Lets the calls of visitors pass, which have limits of their own, and of members as many a minute as the plan of their workspace
/// says. What is refused says when to go on: 429 with Retry-After.
///
/// Counted on all servers together in Redis, and on each by itself without; where the plan cannot be found out, nothing is
/// refused here.
pub async fn per_minute(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let current = request.extensions().get::<CurrentMember>();
    let tenant = current.and_then(|current| current.member.as_ref()).map(|member| member.tenant);
    match tenant {
        Some(tenant) => match refused(&state.services, tenant).await {
            Some(refusal) => refusal,
            None => next.run(request).await,
        },
        None => next.run(request).await,
    }
}

/// The refusal of one more call, which is counted here; none where it is within what the plan allows.
pub async fn refused(services: &Services, tenant: TenantId) -> Option<Response> {
    // It is logged by whoever needs it: without the database, no call gets further than this.
    let entitlements = billing::entitlements(services, tenant).await.ok()?;
    if !entitlements.is_metered {
        return None;
    }
    // Minutes are those of the clock, so that all servers know when the next begins.
    let second = services.clock.now().timestamp();
    let (minute, passed) = (second.div_euclid(MINUTE.into()), second.rem_euclid(MINUTE.into()));
    let key = format!("requests:{tenant}:{minute}");
    let used = services.cache.count(&key, Duration::from_secs(MINUTE.into())).await;
    if used <= entitlements.limits.requests_per_minute {
        return None;
    }
    let mut response = Failure(billing::too_many_requests(&entitlements, used)).into_response();
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(i64::from(MINUTE) - passed));
    Some(response)
}
