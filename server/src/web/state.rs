//! What every handler may use.

use std::sync::Arc;
use std::time::Duration;

use domain::{Error, Result, Services, id::SessionId};
use leptos::config::LeptosOptions;
use moka::future::Cache;
use tokio_util::sync::CancellationToken;
use tower_http::services::ServeDir;

use crate::config::Config;

/// A session is asked for once in this time: so soon does every server obey a sign-out.
const SESSION_TTL: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct AppState {
    pub services: Services,
    pub leptos: LeptosOptions,
    /// Whether the pages for developers are shown: where mail is not sent.
    pub development: bool,
    pub trust_proxy: bool,
    /// Sessions that stand, with the version that they were asked for.
    pub standing: Cache<(SessionId, i32), bool>,
    pub files: ServeDir,
    pub shutdown: CancellationToken,
    /// The style sheet's name, which carries its hash.
    pub stylesheet: Arc<str>,
}

impl AppState {
    pub fn new(config: &Config, services: Services, shutdown: CancellationToken) -> Result<Self> {
        let site = std::path::absolute(&config.site).map_err(Error::internal)?;
        let hashes = site.join("hash.txt");
        let leptos = LeptosOptions::builder()
            .output_name("sheaf")
            .site_root(site.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .site_addr(config.address)
            .hash_files(hashes.is_file())
            .hash_file(Arc::<str>::from(hashes.to_string_lossy()))
            .build();
        Ok(Self {
            development: !services.mailer.sends(),
            services,
            trust_proxy: config.trust_proxy,
            standing: Cache::builder().max_capacity(100_000).time_to_live(SESSION_TTL).build(),
            files: ServeDir::new(&site).precompressed_br().precompressed_gzip(),
            stylesheet: stylesheet(&hashes).into(),
            leptos,
            shutdown,
        })
    }
}

fn stylesheet(hashes: &std::path::Path) -> String {
    let lines = std::fs::read_to_string(hashes).unwrap_or_default();
    match lines.lines().find_map(|line| line.strip_prefix("css: ")) {
        Some(hash) => format!("/pkg/sheaf.{}.css", hash.trim()),
        None => "/pkg/sheaf.css".into(),
    }
}
