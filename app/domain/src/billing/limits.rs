//! The limits of a plan that are not of its meter. Each is asked in the transaction of what it limits, by whoever holds the lock
//! that makes the count exact; the calls a minute are counted outside of the database.

use super::{Entitlements, Limits, Plan, PlanId};
use crate::error::{Error, LimitReached, Result};

/// Fails where so many people are more than the plan allows: members, and those who are invited.
pub(crate) fn check_members(entitlements: &Entitlements, people: i64) -> Result<()> {
    let allowed = entitlements.limits.members;
    if people <= allowed {
        return Ok(());
    }
    let used = people - 1;
    let told = format!(
        "{} allows {allowed} people in a workspace, invited ones included, and there are {used}. {}",
        named(entitlements),
        way_up(entitlements, |limits| limits.members >= people),
    );
    let limit = reached(entitlements, "members", used, allowed, |limits| limits.members >= people);
    Err(Error::over_limit(limit, told))
}

/// Fails, at its field, where the trash is to keep longer than before and longer than the plan allows. Whoever has chosen more
/// under another plan keeps that.
pub(crate) fn check_retention(entitlements: &Entitlements, before: i32, days: i32) -> Result<()> {
    let allowed = entitlements.limits.retention_days;
    if days <= allowed || days <= before {
        return Ok(());
    }
    let told = format!(
        "{} keeps the trash for {allowed} days at most, and this asks for {days}. {}",
        named(entitlements),
        way_up(entitlements, |limits| limits.retention_days >= days),
    );
    let limit =
        reached(entitlements, "retention", before.into(), allowed.into(), |limits| limits.retention_days >= days);
    let error = Error::over_limit(limit, told);
    Err(Error { field: Some("trash_days".into()), ..error })
}

/// Of the calls and uploads of a minute, this is one too many. HTTP 429: it is over with the minute, and more is another plan.
pub fn too_many_requests(entitlements: &Entitlements, used: u64) -> Error {
    let allowed = entitlements.limits.requests_per_minute;
    let told = format!(
        "{} allows {allowed} calls and uploads a minute, and this workspace has made them. Go on in a minute. {}",
        named(entitlements),
        way_up(entitlements, |limits| limits.requests_per_minute > allowed),
    );
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let limit =
        reached(entitlements, "requests", number(used), number(allowed), |limits| limits.requests_per_minute > allowed);
    Error::rate_limited(told).with_limit(limit)
}

/// "The plan Team", or what is tried.
fn named(entitlements: &Entitlements) -> String {
    let plan = entitlements.plan.label();
    match entitlements.trial_ends_at {
        Some(_) => format!("The trial of the plan {plan}"),
        None => format!("The plan {plan}"),
    }
}

/// The cheapest plan above this one that would do.
fn upgrade(entitlements: &Entitlements, does: impl Fn(&Limits) -> bool) -> Option<PlanId> {
    PlanId::ALL.into_iter().find(|plan| *plan > entitlements.plan && does(&Plan::newest(*plan).limits))
}

fn way_up(entitlements: &Entitlements, does: impl Fn(&Limits) -> bool) -> String {
    match upgrade(entitlements, does) {
        Some(plan) => format!("{} allows more: an owner can choose it under Settings, Billing.", plan.label()),
        None => "No plan allows more.".into(),
    }
}

fn reached(
    entitlements: &Entitlements,
    limit: &str,
    used: i64,
    allowed: i64,
    does: impl Fn(&Limits) -> bool,
) -> LimitReached {
    let upgrade = upgrade(entitlements, does).map(|plan| plan.as_str().to_owned());
    LimitReached { upgrade, ..entitlements.reached(limit, used, allowed) }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{billing::Standing, error::ErrorKind};

    fn of(plan: PlanId) -> Entitlements {
        Entitlements {
            plan,
            plan_version: 1,
            limits: Plan::newest(plan).limits,
            cap: 0,
            standing: Standing::Good,
            trial_ends_at: None,
            is_metered: true,
        }
    }

    #[test]
    fn a_refusal_names_the_limit_the_use_and_the_way_up() {
        let free = of(PlanId::Free);
        assert!(check_members(&free, 3).is_ok());
        let refused = check_members(&free, 4).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::PaymentRequired);
        assert!(refused.message.contains("Free") && refused.message.contains("Team"), "{refused}");
        let limit = refused.limit.unwrap();
        assert_eq!((limit.limit.as_str(), limit.used, limit.allowed), ("members", 3, 3));
        assert_eq!((limit.plan.as_str(), limit.upgrade.as_deref()), ("free", Some("team")));
        let many = check_members(&free, 40).unwrap_err().limit.unwrap();
        assert_eq!(many.upgrade.as_deref(), Some("business"), "Team would not do");
    }

    #[test]
    fn the_largest_plan_leads_nowhere_and_a_trial_is_called_one() {
        let largest = check_members(&of(PlanId::Enterprise), 1_001).unwrap_err();
        assert!(largest.message.contains("No plan allows more"), "{largest}");
        assert_eq!(largest.limit.unwrap().upgrade, None);
        let trial = Entitlements { trial_ends_at: Some(DateTime::UNIX_EPOCH), ..of(PlanId::Team) };
        assert!(check_members(&trial, 11).unwrap_err().message.starts_with("The trial of the plan Team"));
    }

    #[test]
    fn the_trash_keeps_no_longer_than_the_plan_unless_it_did_before() {
        let free = of(PlanId::Free);
        assert!(check_retention(&free, 30, 30).is_ok() && check_retention(&free, 90, 60).is_ok());
        let refused = check_retention(&free, 30, 31).unwrap_err();
        assert_eq!((refused.field.as_deref(), refused.kind), (Some("trash_days"), ErrorKind::PaymentRequired));
        assert!(check_retention(&Entitlements::unmetered(), 1, 365).is_ok());
    }

    #[test]
    fn too_many_calls_are_told_with_the_limit() {
        let refused = too_many_requests(&of(PlanId::Free), 241);
        assert_eq!(refused.kind, ErrorKind::RateLimited);
        assert_eq!(refused.limit.unwrap().limit, "requests");
    }
}
