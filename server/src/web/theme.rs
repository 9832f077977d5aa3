//! The choice of light or dark, kept in a cookie, so that the first byte of a page is right.

use app::{routes, ui::ThemeChoice};
use axum::{
    Form,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
pub struct Choice {
    theme: String,
}

/// Keeps the choice for a year and goes back to where the person came from.
pub async fn choose(headers: HeaderMap, Form(choice): Form<Choice>) -> Response {
    let theme = ThemeChoice::parse(&choice.theme).as_str();
    let cookie = format!("{}={theme}; Path=/; Max-Age=31536000; Secure; SameSite=Lax", ThemeChoice::COOKIE);
    let mut response = Redirect::to(&came_from(&headers)).into_response();
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// The path of the referring page; only the path, so that nobody is sent elsewhere.
pub fn came_from(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    match referer.and_then(|referer| Url::parse(referer).ok()) {
        Some(url) if url.path().starts_with('/') && !url.path().starts_with("//") => match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        _ => routes::HOME.to_owned(),
    }
}
