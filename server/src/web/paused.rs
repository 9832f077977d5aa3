//! What is switched off, for the pages that say so.

use app::{features::UploadsPaused, session::CurrentMember};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::features::{self, Feature};

use super::AppState;

/// Tells the page where its workspace cannot take files in. Where that cannot be asked, an upload will say so.
pub async fn look(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let member = request.extensions().get::<CurrentMember>().and_then(|current| current.member.as_ref());
    if let Some(tenant) = member.map(|member| member.tenant)
        && matches!(features::enabled(&state.services, tenant, Feature::Uploads).await, Ok(false))
    {
        request.extensions_mut().insert(UploadsPaused);
    }
    next.run(request).await
}
