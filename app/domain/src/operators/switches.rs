//! What operators see of the features of the product, and switch.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Operator, Reason, store};
use crate::{
    Services,
    db::SystemTx,
    error::{Error, Result},
    features::{self, Feature, Place, Switch, SwitchLine, SwitchPlan, SwitchState},
    id::TenantId,
    live::{self, NO_TENANT},
};

/// All features of this version, those that other versions have left switched, and the newest 50 changes.
pub async fn switches(services: &Services, operator: &Operator) -> Result<SwitchPlan> {
    let (now, secret) = (services.clock.now(), operator.secret.as_slice());
    let mut system = services.db.system().await?;
    let switches = features::store::switches(&mut system).await?;
    let named: Vec<Uuid> =
        switches.iter().flat_map(|known| known.allowed.iter().chain(&known.denied)).map(|id| id.0).collect();
    let names = features::store::names(&mut system, secret, now, &named).await?.into_iter().collect();
    let changes = features::store::changes(&mut system, secret, now).await?;
    system.commit().await?;
    let mut lines: Vec<SwitchLine> = Feature::ALL
        .into_iter()
        .map(|feature| line(feature.as_str(), switches.iter().find(|known| known.key == feature.as_str()), &names))
        .collect();
    let others = switches.iter().filter(|known| Feature::parse(&known.key).is_none());
    lines.extend(others.map(|known| line(&known.key, Some(known), &names)));
    Ok(SwitchPlan { lines, changes })
}

/// Switches a feature, within a second on all servers.
pub async fn set_switch(
    services: &Services,
    operator: &Operator,
    feature: Feature,
    state: SwitchState,
    reason: &Reason,
) -> Result<()> {
    let mut system = services.db.system().await?;
    if !features::store::set(&mut system, &operator.secret, services.clock.now(), feature, state).await? {
        return Err(Error::not_found());
    }
    let change = format!("{}: {}. {}", feature.as_str(), state.label(), reason.as_str());
    note(services, system, operator, None, &change).await
}

/// Names a workspace that has a feature, or has it not, whatever its state is; or names it no more, which may be done of one that
/// was deleted too.
pub async fn place_in_switch(
    services: &Services,
    operator: &Operator,
    feature: Feature,
    tenant: TenantId,
    place: Place,
) -> Result<()> {
    let (now, secret) = (services.clock.now(), operator.secret.as_slice());
    let mut system = services.db.system().await?;
    let known = features::store::names(&mut system, secret, now, &[tenant.0]).await?.into_iter().next();
    let name = match (known, place) {
        (Some((_, name)), _) => name,
        // One that was deleted is taken out all the same: it would stand in the place of another for ever.
        (None, Place::Neither) => "a deleted workspace".to_owned(),
        (None, Place::Allow | Place::Deny) => return Err(Error::not_found()),
    };
    if !features::store::place(&mut system, secret, now, feature, tenant, place).await? {
        return Err(Error::not_found());
    }
    let how = match place {
        Place::Allow => "on for",
        Place::Deny => "off for",
        Place::Neither => "no longer set for",
    };
    note(services, system, operator, Some(tenant), &format!("{}: {how} {name}", feature.as_str())).await
}

/// Records it, tells all servers, and commits.
async fn note(
    services: &Services,
    mut system: SystemTx,
    operator: &Operator,
    tenant: Option<TenantId>,
    change: &str,
) -> Result<()> {
    let (subject, reason) = (tenant.map(|TenantId(id)| id), Some(change));
    let act = store::Act { operator: operator.id, act: "switch.changed", subject, reason, from: operator.from };
    store::record(&mut system, &services.clock, &act).await?;
    live::announce_to_servers(&mut system, features::CHANGE, "").await?;
    system.commit().await?;
    // This server need not wait until it hears of it.
    services.db.epochs().bump(NO_TENANT, features::CHANGE);
    Ok(())
}

fn line(key: &str, known: Option<&Switch>, names: &BTreeMap<TenantId, String>) -> SwitchLine {
    let feature = Feature::parse(key);
    let named = |tenants: &[TenantId]| tenants.iter().map(|tenant| (*tenant, names.get(tenant).cloned())).collect();
    SwitchLine {
        key: key.to_owned(),
        feature,
        state: known.map_or_else(|| feature.map_or(SwitchState::Off, Feature::usual), |known| known.state),
        allowed: known.map(|known| named(&known.allowed)).unwrap_or_default(),
        denied: known.map(|known| named(&known.denied)).unwrap_or_default(),
        changed_at: known.map(|known| known.changed_at),
    }
}
