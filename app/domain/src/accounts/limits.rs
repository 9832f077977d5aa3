//! How often an address may knock, and how often an account may be tried.

use std::time::Duration;

use super::Email;
use crate::{
    Services,
    error::{Error, Result},
    id::AccountId,
};

/// The window in which attempts are counted.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Attempts on one account in a window, from wherever they come: slow enough against guessing, and a person who forgot
/// gets there with a new password.
const PER_ACCOUNT: u64 = 10;

/// Attempts from one network address in a window: an office shares one.
const PER_ADDRESS: u64 = 100;

/// Counts an attempt of `act` and fails when there were too many. Known and unknown e-mail addresses count the same.
pub(super) async fn check(services: &Services, act: &str, email: &Email, address: &str) -> Result<()> {
    let account = services.cache.count(&format!("{act}:account:{}", email.as_str()), WINDOW).await;
    let from = services.cache.count(&format!("{act}:address:{address}"), WINDOW).await;
    if account > PER_ACCOUNT || from > PER_ADDRESS { Err(too_many()) } else { Ok(()) }
}

/// Counts an attempt by somebody who is signed in.
pub(super) async fn check_account(services: &Services, act: &str, account: AccountId) -> Result<()> {
    let count = services.cache.count(&format!("{act}:account:{account}"), WINDOW).await;
    if count > PER_ACCOUNT { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> Error {
    Error::rate_limited("Too many attempts. Please wait a quarter of an hour and try again.")
}
