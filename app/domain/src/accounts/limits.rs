//! How often an address may knock, and how often an account may be tried.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

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

/// Attempts from one network in a window: an office shares one.
const PER_NETWORK: u64 = 100;

/// Counts an attempt of `act` and fails when there were too many. Known and unknown e-mail addresses count the same.
pub(super) async fn check(services: &Services, act: &str, email: &Email, address: &str) -> Result<()> {
    let account = services.cache.count(&format!("{act}:account:{}", email.as_str()), WINDOW).await;
    let from = services.cache.count(&format!("{act}:address:{}", network_of(address)), WINDOW).await;
    if account > PER_ACCOUNT || from > PER_NETWORK { Err(too_many()) } else { Ok(()) }
}

/// Counts an attempt by somebody who is signed in.
pub(super) async fn check_account(services: &Services, act: &str, account: AccountId) -> Result<()> {
    let count = services.cache.count(&format!("{act}:account:{account}"), WINDOW).await;
    if count > PER_ACCOUNT { Err(too_many()) } else { Ok(()) }
}

/// What attempts are counted by that come from this address: of IPv6 its first 64 bits, since whoever has one address of those has
/// them all (RFC 4291, section 2.5.4, and RFC 6177). An address of IPv4 that is written as one of IPv6 is itself.
pub(crate) fn network_of(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => Ipv6Addr::from(u128::from(address) & (u128::MAX << 64)).to_string(),
        Ok(address) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

fn too_many() -> Error {
    Error::rate_limited("Too many attempts. Please wait a quarter of an hour and try again.")
}

#[cfg(test)]
mod tests {
    use super::network_of;

    #[test]
    fn whoever_has_many_addresses_is_counted_once() {
        for address in ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0db8:0001:0002::"] {
            assert_eq!(network_of(address), "2001:db8:1:2::", "{address}");
        }
        assert_eq!(network_of("2001:db8:1:3::1"), "2001:db8:1:3::", "a neighbour");
        assert_eq!(network_of("192.0.2.1"), "192.0.2.1");
        assert_eq!(network_of("::ffff:192.0.2.1"), "192.0.2.1", "as a server hears it that listens on both");
        assert_eq!(network_of(""), "", "not known");
    }
}
