//! A page rendered for nobody: by a request that carries its address and nothing else.

use std::{fs, sync::LazyLock, time::UNIX_EPOCH};

use app::ui::ForEverybody;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
};
use domain::{Error, Result, clock::Clock, public_pages};
use leptos::prelude::provide_context;

use super::{
    entry::Rendered,
    page::{Key, Page},
};
use crate::web::{AppState, pages};

/// A page is about thirty thousand bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// What tells the pages of this build from those of any other, on all machines that have the same file of it. Where that cannot be
/// said, no other server has such a word, and none of its pages are shared.
static BUILD: LazyLock<String> = LazyLock::new(|| {
    let file = std::env::current_exe().and_then(fs::metadata).ok();
    let made = file.as_ref().and_then(|file| file.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    match (file, made) {
        (Some(file), Some(made)) => format!("{}-{}", file.len(), made.as_nanos()),
        _ => Clock::system().id::<uuid::Uuid>().to_string(),
    }
});

/// The page as it is shown to everybody, rendered here or by another server a moment ago.
pub async fn page(state: AppState, page: &'static Page, key: Key) -> Result<Rendered> {
    let name = format!("{} {} {}", *BUILD, state.stylesheet, key.name());
    let rendered = public_pages::rendered(&state.services, &name, html(state.clone(), key.address())).await?;
    let age = (state.services.clock.now() - rendered.at).to_std().unwrap_or_default();
    Ok(Rendered { html: rendered.html.clone(), tags: page.tags, age })
}

/// Fails where the page answers anything but itself: that may be of use to somebody, and to nobody else.
async fn html(state: AppState, address: String) -> Result<String> {
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
    Ok(without_scripts(&html))
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
