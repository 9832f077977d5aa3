//! The caches in front of the web servers, which are told what they are to forget.

use std::{collections::BTreeSet, time::Duration};

use domain::{Error, Result, public_pages::Tag};
use futures::future::join_all;
use reqwest::{
    Client, Method, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use tokio::time::sleep;

use crate::config::Config;

/// Of one request.
const TIMEOUT: Duration = Duration::from_secs(2);

/// After the first time that a front is told, until the second. The web servers hear of a purge within some milliseconds, and render a
/// page in fewer than a hundred; and with what is left of a second, the world sees the new page before it has passed.
const SETTLED: Duration = Duration::from_millis(400);

const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// Those in the settings.
pub struct Fronts {
    client: Client,
    urls: Vec<Url>,
    authorization: Option<HeaderValue>,
}

impl Fronts {
    /// Nothing is connected yet. Fails where the token cannot stand in a header; no message names it.
    pub fn new(config: &Config) -> Result<Self> {
        let urls = config.purge_urls.clone();
        let authorization = config.purge_token().map(bearer).transpose()?;
        // The second request does not find a connection that the front has just closed.
        let builder = Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .user_agent(concat!("sheaf/", env!("CARGO_PKG_VERSION")));
        // Without encryption nobody's certificate is asked for, and the machine need not have any.
        let is_plain = urls.iter().all(|url| url.scheme() == "http");
        let builder = if is_plain { builder.tls_certs_only([]) } else { builder };
        let client = builder.build().map_err(|error| Error::internal(format!("the client for purges: {error}")))?;
        Ok(Self { client, urls, authorization })
    }

    /// Has each front forget what has one of these tags, after the web servers were told. Takes 2.4 seconds at most. Fails with the
    /// origins of those that did not say that they have, and why; to try again is harmless.
    pub async fn forget(&self, tags: &BTreeSet<Tag>) -> Result<()> {
        let headers = self.headers(tags)?;
        let told = join_all(self.urls.iter().map(|url| self.tell_twice(url, &headers))).await;
        let failed: Vec<String> = told.into_iter().filter_map(|told| told.err()).collect();
        if failed.is_empty() {
            return Ok(());
        }
        Err(Error::unavailable(format!(
            "the web servers were told, but not every cache in front (SHEAF_PURGE_URLS) has forgotten: {}",
            failed.join("; ")
        )))
    }

    fn headers(&self, tags: &BTreeSet<Tag>) -> Result<HeaderMap> {
        let tags = tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>().join(" ");
        let mut headers =
            HeaderMap::from_iter([(SURROGATE_KEY, HeaderValue::from_str(&tags).map_err(Error::internal)?)]);
        headers.extend(self.authorization.clone().map(|authorization| (AUTHORIZATION, authorization)));
        Ok(headers)
    }

    /// Once is not enough. A front that forgets before the last web server has heard asks that one and keeps the old page anew; and an
    /// old page that is on its way to the front meanwhile is kept after the purge (Varnish bans what it has, not what it fetches). So
    /// it is told at once, by which most people see the new page within milliseconds, and again after both have passed. The second
    /// time does not wait for the first, and its answer counts, as it is about all that the first has missed.
    ///
    /// The servers do not tell: of each purge a front would hear as often as there are servers, each would hold the token, and whoever
    /// purges would not hear that it failed.
    async fn tell_twice(&self, url: &Url, headers: &HeaderMap) -> Result<(), String> {
        let again = async {
            sleep(SETTLED).await;
            self.tell(url, headers).await
        };
        let (_, told) = tokio::join!(self.tell(url, headers), again);
        told
    }

    /// Fails with the origin alone: the rest of an address may be secret.
    async fn tell(&self, url: &Url, headers: &HeaderMap) -> Result<(), String> {
        let origin = url.origin().ascii_serialization();
        let purge = Method::from_bytes(b"PURGE").expect("five letters are a method");
        match self.client.request(purge, url.clone()).headers(headers.clone()).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("{origin} answered {}", answer.status())),
            Err(error) if error.is_timeout() => Err(format!("{origin} did not answer within {TIMEOUT:?}")),
            Err(error) if error.is_connect() => Err(format!("{origin} cannot be reached")),
            Err(error) => Err(format!("{origin}: {}", error.without_url())),
        }
    }
}

fn bearer(token: &str) -> Result<HeaderValue> {
    let mut authorization = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| Error::internal("SHEAF_PURGE_TOKEN holds characters that no header can have"))?;
    authorization.set_sensitive(true);
    Ok(authorization)
}
