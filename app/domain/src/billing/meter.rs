//! What is left of a month, and what follows from it. It is counted in credits; money comes in where people look at it.

use chrono::{DateTime, Utc};

use super::{Account, Entitlements, grouped};
use crate::error::Error;

/// Where nothing is metered, there is always room. Sums of it are far from the ends of an `i64`.
const BOUNDLESS: i64 = i64::MAX / 4;

/// The row of a workspace. Whoever changes it has locked it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meter {
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    pub granted: i64,
    /// Of those that were granted, the used ones.
    pub included: i64,
    /// Used beyond those that were granted, and billed.
    pub overage: i64,
    /// All that were used: these two and, of before billing, those that nobody granted.
    pub used: i64,
    /// Set aside for documents that wait or are being read.
    pub held: i64,
    pub stored_bytes: i64,
    /// The per cent of the month's credits, and of the storage, of which people were told.
    pub warned_credits: i32,
    pub warned_storage: i32,
}

impl Meter {
    /// Credits that were granted and not used.
    pub fn available(&self) -> i64 {
        self.granted - self.included
    }

    /// Credits that may be used in this month, whether or not some are set aside: the available ones and, of the cap, the rest.
    pub fn left(&self, e: &Entitlements) -> i64 {
        if e.is_metered { self.available() + (e.cap - self.overage).max(0) } else { BOUNDLESS }
    }

    /// Credits that nobody has set aside. Below zero where the cap was lowered under what is set aside.
    pub fn room(&self, e: &Entitlements) -> i64 {
        self.left(e) - self.held
    }

    /// How many of these credits are charged to a document for which `own` were set aside until now: all, unless they are more
    /// than what was set aside and there is no more room; never more than are left.
    pub fn charged(&self, e: &Entitlements, credits: i64, own: i64) -> i64 {
        credits.min(self.left(e)).min(own.max(self.room(e))).max(0)
    }

    /// Uses these credits, and says from which accounts: the available ones first, then those beyond.
    pub fn take(&mut self, e: &Entitlements, credits: i64) -> Vec<(Account, i64)> {
        let included = if e.is_metered { credits.min(self.available()) } else { 0 };
        let beyond = credits - included;
        let other = if e.is_metered { Account::Overage } else { Account::Plan };
        self.included += included;
        self.overage += if e.is_metered { beyond } else { 0 };
        self.used += credits;
        [(Account::Available, included), (other, beyond)].into_iter().filter(|(_, credits)| *credits > 0).collect()
    }

    /// Gives back what was taken of an account.
    pub fn give_back(&mut self, account: Account, credits: i64) {
        match account {
            Account::Available => self.included -= credits,
            Account::Overage => self.overage -= credits,
            Account::Plan | Account::Used | Account::Expired => {}
        }
        self.used -= credits;
    }

    /// Whether 80 or 100 per cent were reached, of credits or storage, of which nobody was told in this month.
    pub fn is_to_be_told(&self, e: &Entitlements) -> bool {
        let credits = share(self.used, self.granted.saturating_add(e.cap));
        let storage = share(self.stored_bytes, e.limits.storage_bytes);
        e.is_metered && (credits > self.warned_credits || storage > self.warned_storage)
    }

    /// Takes back what people were told where it does not hold any more, as under a larger plan. They are told again when it does.
    pub fn take_warnings_back(&mut self, e: &Entitlements) {
        self.warned_credits = self.warned_credits.min(share(self.used, self.granted.saturating_add(e.cap)));
        self.warned_storage = self.warned_storage.min(share(self.stored_bytes, e.limits.storage_bytes));
    }

    /// Why this is not taken: the limit, what is used of it, and the way to more.
    pub fn refusal(&self, e: &Entitlements, credits: i64, bytes: i64) -> Error {
        if bytes > 0 && self.stored_bytes.saturating_add(bytes) > e.limits.storage_bytes {
            return self.no_storage(e);
        }
        let (used, allowed) = (self.used + self.held, self.granted + e.cap);
        let room = self.room(e).max(0);
        let message = format!(
            "This takes at least {}, and {} of this month’s {} {} left: {} {} used, and {} {} set aside for documents that \
             wait. {} New credits come on {}.",
            counted(credits),
            number(room),
            number(allowed),
            are(room),
            number(self.used),
            are(self.used),
            number(self.held),
            are(self.held),
            way(e),
            self.period_end.format("%-d %B %Y"),
        );
        Error::over_limit(e.reached("credits", used, allowed), message)
    }

    fn no_storage(&self, e: &Entitlements) -> Error {
        let message = format!(
            "This file does not fit: {} of the {} GB of the {} plan are used. Delete documents for good. {}",
            in_gigabytes(self.stored_bytes),
            e.limits.storage_bytes / 1_000_000_000,
            e.plan.label(),
            larger_plan(e),
        );
        Error::over_limit(e.reached("storage", self.stored_bytes, e.limits.storage_bytes), message.trim_end())
    }
}

/// 80 or 100 once so many per cent are used, or 0: of what people are told.
pub(super) fn share(used: i64, allowed: i64) -> i32 {
    match i128::from(used) * 100 {
        percent if allowed > 0 && percent >= i128::from(allowed) * 100 => 100,
        percent if allowed > 0 && percent >= i128::from(allowed) * 80 => 80,
        _ => 0,
    }
}

fn counted(credits: i64) -> String {
    format!("{} {}", number(credits), if credits == 1 { "page credit" } else { "page credits" })
}

fn number(credits: i64) -> String {
    grouped(credits.max(0).unsigned_abs())
}

fn are(credits: i64) -> &'static str {
    if credits == 1 { "is" } else { "are" }
}

/// Who may do what about it.
fn way(e: &Entitlements) -> String {
    match (e.sells_credits(), e.upgrade()) {
        (true, Some(plan)) => format!("An owner can raise the cap, or choose the {} plan.", plan.label()),
        (true, None) => "An owner can raise the cap.".into(),
        (false, _) => larger_plan(e),
    }
}

fn larger_plan(e: &Entitlements) -> String {
    e.upgrade().map_or_else(String::new, |plan| format!("An owner can choose the {} plan.", plan.label()))
}

/// With one place behind the point, rounded down.
fn in_gigabytes(bytes: i64) -> String {
    format!("{}.{}", bytes / 1_000_000_000, bytes / 100_000_000 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        billing::{Plan, PlanId, Standing},
        error::ErrorKind,
    };

    fn meter(granted: i64) -> Meter {
        Meter {
            period_start: DateTime::UNIX_EPOCH,
            period_end: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(31),
            granted,
            included: 0,
            overage: 0,
            used: 0,
            held: 0,
            stored_bytes: 0,
            warned_credits: 0,
            warned_storage: 0,
        }
    }

    fn entitlements(plan: PlanId, cap: i64) -> Entitlements {
        let plan = Plan::newest(plan);
        Entitlements {
            plan: plan.id,
            plan_version: plan.version,
            limits: plan.limits,
            cap,
            standing: Standing::Good,
            trial_ends_at: None,
            is_metered: true,
        }
    }

    #[test]
    fn what_was_granted_goes_first_and_then_what_is_billed_up_to_the_cap() {
        let (mut meter, e) = (meter(10), entitlements(PlanId::Team, 5));
        assert_eq!(meter.take(&e, 7), [(Account::Available, 7)]);
        assert_eq!((meter.room(&e), meter.charged(&e, 20, 0)), (8, 8));
        assert_eq!(meter.take(&e, 8), [(Account::Available, 3), (Account::Overage, 5)]);
        assert_eq!((meter.available(), meter.overage, meter.used, meter.left(&e)), (0, 5, 15, 0));
        assert_eq!(meter.charged(&e, 1, 1), 0, "also what was set aside, when the cap was lowered since");
        meter.give_back(Account::Overage, 5);
        assert_eq!((meter.overage, meter.used, meter.left(&e)), (0, 10, 5));
    }

    #[test]
    fn a_larger_plan_in_the_middle_of_a_month_leaves_what_is_billed_as_it_was() {
        let (mut meter, e) = (meter(10), entitlements(PlanId::Team, 5));
        meter.take(&e, 12);
        meter.granted = 100;
        assert_eq!((meter.available(), meter.overage, meter.left(&e)), (90, 2, 93));
    }

    #[test]
    fn what_is_set_aside_for_others_is_not_charged() {
        let (mut meter, e) = (meter(10), entitlements(PlanId::Free, 0));
        meter.held = 8;
        assert_eq!(meter.charged(&e, 5, 1), 2, "what was set aside, and the room");
        assert_eq!(meter.charged(&e, 5, 4), 4, "what was set aside, though others have set aside the rest");
    }

    #[test]
    fn without_billing_everything_is_used_and_nothing_was_granted() {
        let (mut meter, e) = (meter(0), Entitlements::unmetered());
        assert_eq!(meter.charged(&e, 1_000_000, 0), 1_000_000);
        assert_eq!(meter.take(&e, 1_000_000), [(Account::Plan, 1_000_000)]);
        assert_eq!((meter.used, meter.included, meter.overage), (1_000_000, 0, 0));
        assert!(!meter.is_to_be_told(&e));
    }

    #[test]
    fn people_are_told_at_four_fifths_and_at_the_end() {
        let (mut meter, e) = (meter(200), entitlements(PlanId::Free, 0));
        meter.used = 159;
        assert!(!meter.is_to_be_told(&e));
        meter.used = 160;
        assert!(meter.is_to_be_told(&e));
        meter.warned_credits = 80;
        assert!(!meter.is_to_be_told(&e));
        meter.used = 200;
        assert!(meter.is_to_be_told(&e));
        (meter.warned_credits, meter.stored_bytes) = (100, 800_000_000);
        assert!(meter.is_to_be_told(&e));
    }

    #[test]
    fn of_nothing_nothing_is_used_and_no_number_is_too_large() {
        assert_eq!([0, 7, 8, 9, 10, 11].map(|used| share(used, 10)), [0, 0, 80, 80, 100, 100]);
        assert_eq!((share(5, 0), share(i64::MAX, i64::MAX)), (0, 100));
    }

    #[test]
    fn what_people_were_told_is_taken_back_under_a_larger_plan() {
        let mut meter = meter(5_000);
        (meter.used, meter.stored_bytes) = (5_000, 45_000_000_000);
        (meter.warned_credits, meter.warned_storage) = (100, 80);
        meter.take_warnings_back(&entitlements(PlanId::Team, 0));
        assert_eq!((meter.warned_credits, meter.warned_storage), (100, 80));
        meter.take_warnings_back(&entitlements(PlanId::Team, 1_000));
        assert_eq!((meter.warned_credits, meter.warned_storage), (80, 80));
        meter.granted = 30_000;
        meter.take_warnings_back(&entitlements(PlanId::Business, 0));
        assert_eq!((meter.warned_credits, meter.warned_storage), (0, 0));
    }

    #[test]
    fn a_refusal_names_the_limit_the_use_and_the_way_to_more() {
        let mut meter = meter(200);
        (meter.used, meter.included, meter.held) = (190, 190, 9);
        let free = meter.refusal(&entitlements(PlanId::Free, 0), 12, 0);
        assert_eq!(
            free.message,
            "This takes at least 12 page credits, and 1 of this month’s 200 is left: 190 are used, and 9 are set aside for \
             documents that wait. An owner can choose the Team plan. New credits come on 1 February 1970."
        );
        let limit = free.limit.unwrap();
        assert_eq!((limit.limit.as_str(), limit.used, limit.allowed), ("credits", 199, 200));
        assert_eq!((limit.plan.as_str(), limit.upgrade.as_deref()), ("free", Some("team")));
        let large = Meter { granted: 30_000, included: 1, used: 1, held: 28_999, ..meter };
        let business = large.refusal(&entitlements(PlanId::Business, 0), 1_200, 0).message;
        let told = "1,200 page credits, and 1,000 of this month’s 30,000 are left: 1 is used, and 28,999 are set aside";
        assert!(business.contains(told), "{business}");
        meter.stored_bytes = 990_000_000;
        let full = meter.refusal(&entitlements(PlanId::Free, 0), 1, 20_000_000);
        assert_eq!((full.kind, full.limit.unwrap().limit.as_str()), (ErrorKind::PaymentRequired, "storage"));
        assert!(full.message.starts_with("This file does not fit: 0.9 of the 1 GB of the Free plan are used."));
    }
}
