//! The documents around the two roots: one that hydrates and one that loads no module at all.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::{
    App, PublicSite, routes,
    ui::{ForEverybody, ThemeChoice},
};

/// Where the style sheet lies: its name carries a hash, which the server knows.
#[derive(Debug, Clone)]
pub struct Stylesheet(pub std::sync::Arc<str>);

/// The document of the app: rendered, then hydrated.
pub fn app_shell(options: LeptosOptions) -> impl IntoView {
    let scripts = view! { <HydrationScripts options=options.clone() /> };
    document(&options, scripts.into_any(), view! { <App /> }.into_any())
}

/// The document of the public pages: complete as it is.
pub fn public_shell(options: LeptosOptions) -> impl IntoView {
    document(&options, ().into_any(), view! { <PublicSite /> }.into_any())
}

fn document(options: &LeptosOptions, scripts: AnyView, body: AnyView) -> impl IntoView + use<> {
    let Stylesheet(style) = use_context()
        .unwrap_or_else(|| Stylesheet(format!("/{}/{}.css", options.site_pkg_dir, options.output_name).into()));
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=ThemeChoice::current().attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link
                    rel="preload"
                    href="/fonts/inter-latin.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                <link rel="stylesheet" href=style.to_string() />
                {use_context::<ForEverybody>().map(|_| view! { <link rel="stylesheet" href=routes::THEME_STYLE /> })}
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
                {scripts}
                <MetaTags />
            </head>
            <body>{body}</body>
        </html>
    }
}
