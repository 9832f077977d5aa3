//! A page rendered for nobody: by a request that carries its address and nothing else.

use app::ui::ForEverybody;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
};
use domain::{Error, Result};
use leptos::prelude::provide_context;

use super::{entry::Entry, page::Page};
use crate::web::{AppState, pages};

/// A page is about thirty thousand bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Fails where the page answers anything but itself: that may be of use to somebody, and to nobody else.
pub async fn page(state: AppState, page: &'static Page, address: String) -> Result<Entry> {
    let request = Request::builder().uri(&address).body(Body::empty()).map_err(Error::internal)?;
    let context = pages::context(&state);
    let for_everybody = move || {
        context();
        provide_context(ForEverybody);
    };
    let response =
        leptos_axum::render_app_async_with_context(for_everybody, pages::public_shell(&state))(request).await;
    if response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        return Err(Error::internal(format!("{address} answered {} and is not kept", response.status())));
    }
    let html = to_bytes(response.into_body(), MAX_BYTES).await.map_err(Error::internal)?;
    let html = String::from_utf8(html.into()).map_err(Error::internal)?;
    Entry::new(without_scripts(&html), page.tags).await
}

/// Leptos (0.8) ends every page with what its scripts would go on with, under the nonce of that one answer. There are none here
/// that would ask for it, and the policy would not let it run.
fn without_scripts(html: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(html.len()), html);
    while let Some((before, script)) = rest.split_once("<script") {
        kept.push_str(before);
        rest = script.split_once("</script>").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::without_scripts;

    #[test]
    fn what_is_left_has_no_scripts() {
        assert_eq!(
            without_scripts("<p>a</p><script nonce=\"x\">b=[];</script><script>c</script></body>"),
            "<p>a</p></body>"
        );
        assert_eq!(without_scripts("<p>a</p>"), "<p>a</p>");
        assert_eq!(without_scripts("<p>a</p><script>"), "<p>a</p>");
    }
}
