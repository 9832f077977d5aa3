//! What somebody has done is on the next page that they see, also where a replica of the database answers it, and whichever server is
//! asked: the place of their last write in the database's log goes along in a cookie.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::db::{Position, Seen};

use super::{AppState, session};

/// It names a place and nobody. A larger one makes replicas too old for whoever made it up, and a smaller one shows them their own
/// workspace as it was some seconds ago.
const COOKIE: &str = "__Host-rw";

/// In seconds. A replica that is asked at all is less far behind (five seconds), so whatever was written before is on all of them.
const MAX_AGE: i64 = 60;

/// Has the reads of a request show what its sender has written, and tells the sender's browser where that is. Without replicas it
/// does nothing.
pub async fn follow(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !state.services.db.has_replicas() {
        return next.run(request).await;
    }
    let brought = session::cookie(request.headers(), COOKIE).and_then(Position::parse);
    let seen = Seen::at(brought.unwrap_or(Position::START));
    let mut response = seen.clone().within(next.run(request)).await;
    if let Some(position) = seen.written() {
        session::append(response.headers_mut(), COOKIE, &position.to_string(), MAX_AGE);
    }
    response
}
