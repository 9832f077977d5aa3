//! The pages behind the sign-in, in parts. The browser's half is cut at the functions that the features mark (`wasm_split`):
//! whoever opens a page loads what all pages share and the part that it is in, which the server names in the page's head, and
//! the other parts once they are wanted. There are three: `work` (documents, search, reports, activity), `reader` (one document)
//! and `settings` (with what a workspace pays). What some of them share is a file for each combination, so that a part for each
//! feature would be fifty requests a page.

use leptos::{prelude::*, wasm_split::SplitLoaderError};

/// A part did not arrive: the connection failed, or a newer version of Sheaf has taken the place of the one that is open.
#[derive(Debug)]
pub(crate) struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// Lets the router show pages: `part!(Page, "work", page)`, where `page` is the function that is marked with the name.
macro_rules! part {
    ($pages:ty, $name:literal, $page:path) => {
        impl leptos_router::ChooseView for $pages {
            async fn choose(self) -> leptos::prelude::AnyView {
                $crate::parts::opened($name, $page(self)).await
            }

            async fn preload(&self) {}
        }
    };
}
pub(crate) use part;

/// The page once its part is there, which the browser is told to fetch at once.
pub(crate) async fn opened(name: &'static str, page: impl Future<Output = Result<AnyView, Missing>>) -> AnyView {
    if cfg!(feature = "ssr") {
        leptos::prefetch_lazy_fn_on_server(name);
    }
    match page.await {
        Ok(page) => {
            #[cfg(feature = "hydrate")]
            go_on_at_main();
            page
        }
        Err(Missing) => {
            load_whole_page();
            ().into_any()
        }
    }
}

/// A link that goes with its page takes the focus along, and who does not see the new page would hear nothing of it: one goes on
/// at its main part. On what stays, as the navigation does, the focus stays too.
#[cfg(feature = "hydrate")]
fn go_on_at_main() {
    use leptos::{
        wasm_bindgen::JsCast,
        web_sys::{FocusOptions, HtmlElement},
    };
    // A page that has just been loaded is told by the browser.
    if document().document_element().is_none_or(|root| !root.has_attribute("data-hydrated")) {
        return;
    }
    request_animation_frame(|| {
        let page = document();
        let is_lost = page.active_element().is_none_or(|focus| focus.tag_name() == "BODY");
        let main = page.get_element_by_id("main").and_then(|main| main.dyn_into::<HtmlElement>().ok());
        if let Some(main) = main.filter(|_| is_lost) {
            // Where the window shows the page is the router's.
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // It fails only for an element that is not in the page any more.
            let _ = main.focus_with_options(&options);
        }
    });
}

/// The server has the page whatever became of its part. Where it is the page that is open already, it stays as the server made
/// it, since it would be loaded for ever.
fn load_whole_page() {
    #[cfg(feature = "hydrate")]
    {
        let wanted = leptos_router::hooks::use_url().get_untracked();
        let (location, search) = (window().location(), wanted.search().trim_start_matches('?'));
        if location.pathname().ok().as_deref() != Some(wanted.path()) {
            let mark = if search.is_empty() { "" } else { "?" };
            // It fails only for an address that is none.
            let _ = location.set_href(&format!("{}{mark}{search}{}", wanted.path(), wanted.hash()));
        }
    }
}
