//! What every handler may use.

use std::{ops::Deref, path::Path, sync::Arc, time::Duration};

use axum::http::HeaderName;
use domain::{
    Error, Result, Services,
    accounts::{AccessClaims, Profile},
    operators::Visiting,
    status::LastKnown,
};
use leptos::{config::LeptosOptions, prelude::ArcStoredValue};
use moka::future::Cache;
use tower_http::services::ServeDir;

use super::{paused::LastAnswers, public, well_known};
use crate::{config::Config, shutdown::Shutdown};

/// A session is asked for once in this time: so soon does every server obey a sign-out.
const SESSION_TTL: Duration = Duration::from_secs(2);

/// An access token whose session stood when it was last looked at.
pub struct Standing {
    pub claims: AccessClaims,
    /// What had changed in its workspace by then; see `Epochs::of`.
    pub epoch: u64,
    pub profile: Arc<Profile>,
}

/// Cheap to clone: each layer of each request has one.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What an [`AppState`] gives.
pub struct Shared {
    pub services: Services,
    pub leptos: LeptosOptions,
    /// Whether the pages for developers are shown: where mail is not sent.
    pub development: bool,
    /// In which a proxy that is trusted says who is asking; none where people reach this server directly.
    pub proxy_header: Option<HeaderName>,
    /// By access token, each of which we have signed: whose it is, or none when its session has ended.
    pub standing: Cache<String, Option<Arc<Standing>>>,
    /// By the token of a visit of support: who is in by it, and what had changed in the workspace by then; see `Epochs::of`.
    pub visits: Cache<String, (u64, Arc<Visiting>)>,
    pub files: ServeDir,
    /// The public pages, as they were rendered.
    pub public: Arc<public::Kept>,
    /// How all of Sheaf was when this process heard of it last.
    pub status: LastKnown,
    /// What is switched off, as this process heard of it last.
    pub last_answers: LastAnswers,
    pub shutdown: Shutdown,
    /// The payment service's pages, as sources of a content policy; empty where nothing is sold.
    pub payment_pages: Arc<str>,
    /// The address that mail comes from, and that people may write to.
    pub contact: Arc<str>,
    /// The style sheet's name, which carries its hash.
    pub stylesheet: Arc<str>,
    /// Which files each part of the app takes, for the head of its pages.
    pub parts: leptos::WasmSplitManifest,
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl AppState {
    pub fn new(config: &Config, services: Services, shutdown: Shutdown) -> Result<Self> {
        let site = std::path::absolute(&config.site).map_err(Error::internal)?;
        let names = std::fs::read_to_string(site.join("hash.txt")).unwrap_or_default();
        // Told to find the hashes by itself, leptos would read that file for every page.
        let leptos = LeptosOptions::builder()
            .output_name(hashed(&names, "wasm"))
            .site_root(site.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .site_addr(config.address)
            .build();
        Ok(Self(Arc::new(Shared {
            development: !services.mailer.sends(),
            public: public::Kept::start(&services, shutdown.stopping.clone()),
            services,
            proxy_header: config.trust_proxy.then(|| config.proxy_header.clone()),
            standing: Cache::builder().max_capacity(100_000).time_to_live(SESSION_TTL).build(),
            visits: Cache::builder().max_capacity(1_000).time_to_live(SESSION_TTL).build(),
            files: ServeDir::new(&site).precompressed_br().precompressed_zstd().precompressed_gzip(),
            contact: well_known::address_of(&config.mail_from).into(),
            payment_pages: config.payment_pages().into(),
            stylesheet: format!("/pkg/{}.css", hashed(&names, "css")).into(),
            status: LastKnown::default(),
            last_answers: LastAnswers::default(),
            parts: parts(&site, &names),
            leptos,
            shutdown,
        })))
    }
}

/// Empty where the site was not built: then no page has scripts either.
fn parts(site: &Path, names: &str) -> leptos::WasmSplitManifest {
    let hash = hash_of(names, "wasm").unwrap_or_default();
    let files = std::fs::read(site.join(format!("pkg/parts.{hash}.json"))).unwrap_or_default();
    let files = serde_json::from_slice(&files).unwrap_or_default();
    leptos::WasmSplitManifest(ArcStoredValue::new(("/pkg".into(), files, format!("__wasm_split.{hash}.js"))))
}

/// The stem of a file's name in `pkg`: with its hash where the site was built with hashes, which `names` then lists.
fn hashed(names: &str, kind: &str) -> String {
    hash_of(names, kind).map_or_else(|| "sheaf".into(), |hash| format!("sheaf.{hash}"))
}

fn hash_of<'a>(names: &'a str, kind: &str) -> Option<&'a str> {
    names.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(": ")).map(str::trim)
}
