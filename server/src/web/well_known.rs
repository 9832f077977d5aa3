//! What programs look for at addresses that are the same everywhere.

use std::fmt::Write;

use app::routes;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{SecondsFormat, TimeDelta};

use super::{AppState, public, status_feed::escaped};

/// How long what is said here holds. RFC 9116 (section 2.5.5) recommends less than a year.
const GOOD_FOR: TimeDelta = TimeDelta::days(180);

const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// The addresses of the pages that anybody may find by a search engine, which `public/robots.txt` allows (sitemaps.org, version 0.9).
pub async fn sitemap(State(state): State<AppState>) -> Response {
    let site = escaped(&state.services.settings.public_url);
    let mut map = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for page in public::paths().chain([routes::STATUS]) {
        // Nothing fails that writes into a string.
        let _ = writeln!(map, "<url><loc>{site}{page}</loc></url>");
    }
    map.push_str("</urlset>\n");
    told("application/xml; charset=utf-8", map)
}

/// Where to write about a weakness: to the address that all mail of this server comes from.
pub async fn security(State(state): State<AppState>) -> Response {
    let site = &state.services.settings.public_url;
    let expires = (state.services.clock.now() + GOOD_FOR).to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = format!(
        "Contact: mailto:{}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {site}{}\n",
        state.contact,
        routes::SECURITY_TXT
    );
    told("text/plain; charset=utf-8", text)
}

/// The address in `Sheaf <sheaf@localhost>`.
pub fn address_of(sender: &str) -> &str {
    sender.rsplit_once('<').map_or(sender, |(_, address)| address.trim_end().trim_end_matches('>')).trim()
}

fn told(media_type: &'static str, text: String) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), (header::CACHE_CONTROL, FOR_A_DAY)];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_of_mail_is_written_to() {
        assert_eq!(address_of("Sheaf <sheaf@localhost>"), "sheaf@localhost");
        assert_eq!(address_of("sheaf@sheaf.example"), "sheaf@sheaf.example");
    }
}
