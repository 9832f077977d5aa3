//! Whether a workspace has a feature.

use sha2::{Digest, Sha256};

use super::{Feature, Switch, SwitchState, store};
use crate::{
    Services,
    cache::Kept,
    error::{Error, ErrorKind, Result},
    id::TenantId,
    live::NO_TENANT,
};

/// The kind of a change of any switch, as it is announced to everybody.
pub(crate) const CHANGE: &str = "feature";

/// All switches: there are a few, and each is asked for again and again.
///
/// Invalidated by: a change of any of them, which is announced in nobody's name.
const SWITCHES: Kept<Vec<Switch>> = Kept::new("features", 1, &[CHANGE]);

/// Hundredths of a per cent.
const BUCKETS: u64 = 10_000;

/// Whether a workspace has a feature now: not where it is denied, else where it is allowed, else as the state says. Every server
/// knows of a change within a second.
pub async fn enabled(services: &Services, tenant: TenantId, feature: Feature) -> Result<bool> {
    let load = async {
        let mut system = services.db.system().await?;
        let switches = store::switches(&mut system).await?;
        system.commit().await?;
        Ok(switches)
    };
    let switches = services.cache.cached(services.db.epochs(), &SWITCHES, NO_TENANT, "all", load).await?;
    let switch = switches.iter().find(|switch| switch.key == feature.as_str());
    Ok(decide(feature, switch, tenant))
}

/// Fails with "switched off", and a sentence for people, where the workspace has not got it now.
pub async fn require(services: &Services, tenant: TenantId, feature: Feature) -> Result<()> {
    if enabled(services, tenant, feature).await? { Ok(()) } else { Err(refused(feature)) }
}

/// What is answered where it is off.
pub(crate) fn refused(feature: Feature) -> Error {
    let context = format!("the feature {} is switched off", feature.as_str());
    Error::new(ErrorKind::SwitchedOff, feature.refusal()).with_context(context)
}

fn decide(feature: Feature, switch: Option<&Switch>, tenant: TenantId) -> bool {
    let state = match switch {
        Some(switch) if switch.denied.contains(&tenant) => return false,
        Some(switch) if switch.allowed.contains(&tenant) => return true,
        Some(switch) => switch.state,
        None => feature.usual(),
    };
    match state {
        SwitchState::Off => false,
        SwitchState::On => true,
        SwitchState::Percentage(percent) => bucket(feature, tenant) < u64::from(percent) * (BUCKETS / 100),
    }
}

/// Where a workspace stands in the row of all, by which a share is cut off: the same for ever, and another one for each feature,
/// so that it is not always the same workspaces that try what is new.
fn bucket(feature: Feature, tenant: TenantId) -> u64 {
    let digest = Sha256::new().chain_update(feature.as_str()).chain_update(b":").chain_update(tenant.0).finalize();
    let first: [u8; 8] = std::array::from_fn(|place| digest[place]);
    u64::from_be_bytes(first) % BUCKETS
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn switch(state: SwitchState) -> Switch {
        let key = Feature::Uploads.as_str().to_owned();
        Switch { key, state, allowed: vec![], denied: vec![], changed_at: chrono::DateTime::UNIX_EPOCH }
    }

    fn has(switch: &Switch, tenant: TenantId) -> bool {
        decide(Feature::Uploads, Some(switch), tenant)
    }

    #[test]
    fn raising_a_percentage_turns_nobody_off_and_is_even() {
        // Ids as the server makes them: those of one millisecond differ in their ends alone.
        let tenants: Vec<TenantId> = (0..10_000)
            .map(|number| TenantId(Uuid::from_u128(0x0191_2345_0000_7000_8000_0000_0000_0000 + number)))
            .collect();
        let on = |percent| {
            let switch = switch(SwitchState::Percentage(percent));
            tenants.iter().filter(|tenant| has(&switch, **tenant)).copied().collect::<Vec<_>>()
        };
        let mut before = on(0);
        assert_eq!(before.len(), 0);
        for percent in 1..=100_u8 {
            let now = on(percent);
            assert!(before.iter().all(|tenant| now.contains(tenant)), "{percent}");
            // Four standard deviations of a fair choice among 10,000 are 200.
            let expected = usize::from(percent) * 100;
            assert!(now.len().abs_diff(expected) <= 200, "{percent}: {}", now.len());
            before = now;
        }
        assert_eq!(before.len(), tenants.len());
    }

    #[test]
    fn who_is_named_is_not_asked_for_the_state() {
        let [acme, globex] = [1, 2].map(|id| TenantId(Uuid::from_u128(id)));
        assert!(decide(Feature::Uploads, None, acme), "as the code says");
        let off = Switch { allowed: vec![acme], ..switch(SwitchState::Off) };
        assert_eq!([has(&off, acme), has(&off, globex)], [true, false]);
        let on = Switch { denied: vec![acme], allowed: vec![acme], ..switch(SwitchState::On) };
        assert_eq!([has(&on, acme), has(&on, globex)], [false, true]);
    }
}
