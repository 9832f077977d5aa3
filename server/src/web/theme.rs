//! The choice of light or dark, kept in a cookie, so that the first byte of a page is right.

use app::{routes, ui::ThemeChoice};
use axum::{
    Form,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use url::Url;

use super::{conditional, session};

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

/// The chosen theme as a style sheet, by which pages show it that are the same for everybody. A browser asks whether it still is the
/// same, and no cache on the way keeps it.
pub async fn style(headers: HeaderMap) -> Response {
    let cookie = session::cookie(&headers, ThemeChoice::COOKIE);
    let style = style_of(cookie.map_or(ThemeChoice::System, ThemeChoice::parse));
    let etag = HeaderValue::from_str(&format!("W/\"{}\"", conditional::digest(style.as_bytes())));
    let etag = etag.expect("hexadecimal digits are a value of a header");
    let is_known = conditional::matches(&headers, &etag);
    let own = [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::VARY, HeaderValue::from_static("cookie")),
        (header::ETAG, etag),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, own).into_response();
    }
    (own, [(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))], style).into_response()
}

/// After the tokens, whose choice of colours it makes, with the mark of the button that is pressed.
fn style_of(theme: ThemeChoice) -> String {
    let scheme = theme.attribute().map(|scheme| format!(":root{{color-scheme:{scheme}}}")).unwrap_or_default();
    let pressed = theme.as_str();
    format!("{scheme}.theme-choice[value=\"{pressed}\"]{{background:var(--color-sunken);color:var(--color-ink)}}\n")
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
