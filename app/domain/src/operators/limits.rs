//! How often the operators' door may be tried.

use std::time::Duration;

use crate::{
    Services,
    accounts::network_of,
    error::{Error, Result},
};

/// The window in which attempts are counted.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// On one address of an operator: a code has a million values, of which three are good at a time.
const PER_OPERATOR: u64 = 5;

/// From one network. Operators are few.
const PER_NETWORK: u64 = 20;

/// Counts an attempt and fails when there were too many. Known and unknown e-mail addresses count the same.
pub(super) async fn check(services: &Services, email: &str, address: &str) -> Result<()> {
    let tried = services.cache.count(&format!("operator:email:{}", email.to_lowercase()), WINDOW).await;
    let from = services.cache.count(&format!("operator:address:{}", network_of(address)), WINDOW).await;
    if tried > PER_OPERATOR || from > PER_NETWORK {
        return Err(Error::rate_limited("Too many attempts. Please wait a quarter of an hour and try again."));
    }
    Ok(())
}
