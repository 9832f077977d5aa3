//! Webhooks: signed, in their order, or with what goes wrong on the way.

use std::fmt::Write;

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::objects::Endpoint;

/// How often a webhook that is not answered with 2xx is sent again, each time after twice as long.
const TRIES: u32 = 8;

/// For how long a webhook waits for the one that overtakes it.
const OVERTAKEN: Duration = Duration::from_secs(1);

/// What goes wrong with a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFault {
    /// It comes twice.
    Duplicate,
    /// It comes after the next one.
    Reorder,
    /// It comes so many milliseconds later.
    Delay(u64),
    /// It never comes.
    Drop,
    /// It is signed with another secret.
    WrongSignature,
    /// It is of an API version of long ago.
    OldVersion,
}

/// The header `Stripe-Signature` for a body that is sent at a time.
pub fn signature(secret: &str, at: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signed = format!("{at}.").into_bytes();
    signed.extend_from_slice(body);
    let mut header = format!("t={at},v1=");
    for byte in hmac::sign(&key, &signed).as_ref() {
        // Writing into a text does not fail.
        let _ = write!(header, "{byte:02x}");
    }
    header
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub url: String,
    pub secret: String,
    pub event: Value,
    /// Not before then.
    pub due: Instant,
    pub tries: u32,
    /// Whether the next one is to overtake it.
    waits: bool,
}

impl Delivery {
    pub fn new(endpoint: &Endpoint, event: Value, now: Instant) -> Self {
        let (url, secret) = (endpoint.url.clone(), endpoint.secret.clone());
        Self { url, secret, event, due: now, tries: 0, waits: false }
    }

    /// Puts itself into a queue, with what goes wrong.
    pub fn queue(mut self, queue: &mut Vec<Self>, fault: Option<WebhookFault>) {
        match fault {
            Some(WebhookFault::Drop) => return,
            Some(WebhookFault::Duplicate) => queue.push(self.clone()),
            Some(WebhookFault::Delay(milliseconds)) => self.due += Duration::from_millis(milliseconds),
            Some(WebhookFault::WrongSignature) => self.secret = "whsec_of_somebody_else".to_owned(),
            Some(WebhookFault::OldVersion) => self.event["api_version"] = json!("2019-05-16"),
            Some(WebhookFault::Reorder) => {
                self.waits = true;
                self.due += OVERTAKEN;
            }
            None => {}
        }
        match queue.last_mut().filter(|last| last.waits && !self.waits) {
            Some(last) => {
                last.waits = false;
                last.due = self.due;
                queue.insert(queue.len() - 1, self);
            }
            None => queue.push(self),
        }
    }

    /// What is to be sent again, if it is.
    pub fn again(mut self, now: Instant) -> Option<Self> {
        self.tries += 1;
        self.due = now + Duration::from_millis(250) * 2_u32.pow(self.tries.min(TRIES));
        (self.tries < TRIES).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(number: i64, now: Instant) -> Delivery {
        let (url, secret) = (String::new(), "whsec".to_owned());
        Delivery { url, secret, event: json!({ "id": number }), due: now, tries: 0, waits: false }
    }

    #[test]
    fn the_signature_is_that_of_the_time_and_the_body() {
        // Worked out with `printf '1.{}' | openssl dgst -sha256 -hmac whsec`.
        let expected = "t=1,v1=6ab13b5991724d5a0c7f02d7989ba3425b580e39d5b9a0a6258a7f5d0419173a";
        assert_eq!(signature("whsec", 1, b"{}"), expected);
    }

    #[test]
    fn faults_change_the_queue() {
        let now = Instant::now();
        let mut queue = Vec::new();
        delivery(1, now).queue(&mut queue, Some(WebhookFault::Reorder));
        delivery(2, now).queue(&mut queue, None);
        delivery(3, now).queue(&mut queue, Some(WebhookFault::Drop));
        delivery(4, now).queue(&mut queue, Some(WebhookFault::Duplicate));
        let ids: Vec<_> = queue.iter().map(|delivery| delivery.event["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, [2, 1, 4, 4]);
        assert!(queue.iter().all(|delivery| delivery.due == now));
    }
}
