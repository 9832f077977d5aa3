//! Calling PostHog, or what speaks as it does (<https://posthog.com/docs/api/capture>).

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use reqwest::{Client, StatusCode, Url, redirect::Policy};
use serde_json::{Value, json};

use super::TellEvent;
use crate::{
    error::{Error, Result},
    id::{JobId, TenantId},
    queue::JobError,
};

/// Of one call.
const TIMEOUT: Duration = Duration::from_secs(10);

const CONNECT: Duration = Duration::from_secs(3);

/// Of a name, in bytes: half of a digest tells a workspace apart.
const NAME: usize = 16;

/// What the operator decides.
pub struct InsightsSettings {
    /// Where it is, without a path.
    pub url: Url,
    /// Of the project, which may write events and read nothing.
    pub project: String,
    /// That makes the names of workspaces, and that nobody else has.
    pub secret: Vec<u8>,
}

/// The way to it. Cheap to clone.
#[derive(Clone)]
pub struct Insights {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    url: Url,
    project: String,
    names: hmac::Key,
}

impl Insights {
    /// Nothing is connected yet.
    pub fn new(settings: InsightsSettings) -> Result<Self> {
        let InsightsSettings { mut url, project, secret } = settings;
        url.set_path("/batch/");
        let builder = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .user_agent(concat!("sheaf/", env!("CARGO_PKG_VERSION")));
        // Without encryption nobody's certificate is asked for, and the machine need not have any.
        let builder = if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
        let client = builder.build().map_err(|error| Error::internal(format!("the client for events: {error}")))?;
        // A key of its own, derived from the one that signs: what is known of one tells nothing of the other.
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), b"sheaf product events");
        let names = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
        Ok(Self { inner: Arc::new(Inner { client, url, project, names }) })
    }

    /// The name of a workspace, the same each time: 32 digits.
    pub(super) fn name_of(&self, tenant: TenantId) -> String {
        let digest = hmac::sign(&self.inner.names, tenant.0.as_bytes());
        digest.as_ref()[..NAME].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Tells one event. To tell it twice is harmless.
    pub(super) async fn tell(&self, job: JobId, event: &TellEvent) -> Result<(), JobError> {
        let body = json!({ "api_key": self.inner.project, "batch": [told(job, event)] }).to_string();
        let request =
            self.inner.client.post(self.inner.url.clone()).header("content-type", "application/json").body(body);
        let response = request.send().await.map_err(|error| JobError::retry(error.without_url()))?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(JobError::retry(format!("events: {status}")))
            }
            status => Err(JobError::give_up(format!("events: {status}"))),
        }
    }
}

/// Without a profile of anybody, nor where they are.
fn told(job: JobId, told: &TellEvent) -> Value {
    let mut properties = told.event.properties();
    properties["$process_person_profile"] = false.into();
    properties["$geoip_disable"] = true.into();
    properties["$lib"] = "sheaf".into();
    json!({
        "uuid": job.to_string(),
        "event": told.event.name(),
        "distinct_id": told.subject,
        "timestamp": told.at.to_rfc3339(),
        "properties": properties,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn insights(secret: &[u8]) -> Insights {
        let url = "http://127.0.0.1:9".parse().unwrap();
        Insights::new(InsightsSettings { url, project: "phc_test".into(), secret: secret.to_vec() }).unwrap()
    }

    #[test]
    fn a_workspace_has_one_name_under_a_key_and_another_under_another() {
        let [acme, globex] = [1, 2].map(|id| TenantId(Uuid::from_u128(id)));
        let name = insights(b"one").name_of(acme);
        assert_eq!(name, insights(b"one").name_of(acme));
        assert_eq!((name.len(), name.contains('-')), (32, false));
        for other in [insights(b"one").name_of(globex), insights(b"two").name_of(acme), acme.0.simple().to_string()] {
            assert_ne!(name, other);
        }
    }
}
