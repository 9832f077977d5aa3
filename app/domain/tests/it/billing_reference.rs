//! What a workspace owes and may do, counted from scratch beside Sheaf and Stripe: from prices, days and acts alone, in whole
//! seconds and cents. Nothing here is used by the product.
//!
//! The rules are those that Stripe documents for subscriptions in its flexible billing mode, and those of Sheaf's plans:
//!
//! - A month is paid when it begins. A dearer plan begins at once: what was paid for the rest of the month is given back, the rest
//!   of the dearer one is billed, each to the second, and half a cent goes away from zero. A cheaper one begins with the next month.
//! - Credits beyond the included ones are billed at the end of the month, and where a dearer plan begins, at its beginning. What was
//!   used within the hour of the change is billed later, at the new price, which is never higher.
//! - Invoices of a new month become final after an hour. One that the card does not pay stays open until another card does.

use chrono::{DateTime, Months, Utc};
use domain::billing::{Currency, Plan, PlanId, Standing, TRIAL_DAYS};

use crate::revenue_reference::History;

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

/// So long an invoice of a new month stays a draft.
const DRAFT: i64 = HOUR;

/// Stripe takes no trial that is shorter.
const SHORTEST_TRIAL: i64 = 48 * HOUR;

/// The days after which a missing payment has consequences.
const READ_ONLY_AFTER: i64 = 7 * DAY;
const SUSPENDED_AFTER: i64 = 21 * DAY;

/// A coupon: what it takes off, in hundredths of a per cent, and for how many months; 0 is for one invoice, none for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coupon {
    pub hundredths: i64,
    pub months: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bill {
    /// When it was made.
    pub at: i64,
    pub cents: i64,
    pub is_draft: bool,
    pub paid_at: Option<i64>,
    /// Whether an attempt to have it paid has failed, also where another has not.
    pub has_failed: bool,
}

/// What is expected of a workspace at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    pub plan: PlanId,
    pub cap: i64,
    pub standing: Standing,
    pub is_trial: bool,
}

/// What was paid for some time.
#[derive(Debug, Clone, Copy)]
struct Paid {
    cents: i64,
    from: i64,
    until: i64,
}

#[derive(Debug, Clone)]
struct Bought {
    plan: PlanId,
    /// Months begin on the day of this.
    anchor: i64,
    start: i64,
    end: i64,
    is_trial: bool,
    paid: Paid,
    /// Since when it counts; none where it is used up.
    coupon: Option<(Coupon, i64)>,
    next: Option<PlanId>,
    is_cancelled: bool,
    /// Credits beyond the included ones that no invoice has yet, and when they were used.
    unbilled: Vec<(i64, i64)>,
    /// When each missing payment was due.
    missing: Vec<i64>,
}

/// An invoice that becomes final then.
#[derive(Debug, Clone, Copy)]
struct Draft {
    bill: usize,
    final_at: i64,
    /// Whether it is one of the subscription that runs.
    is_current: bool,
}

/// The credits of a month.
#[derive(Debug, Clone, Copy)]
struct Month {
    /// Without a subscription, months begin on the day of this.
    anchor: i64,
    start: i64,
    end: i64,
    granted: i64,
    included: i64,
    overage: i64,
}

#[derive(Debug, Clone)]
pub struct Reference {
    made_at: i64,
    now: i64,
    currency: Option<Currency>,
    bought: Option<Bought>,
    month: Month,
    cap: i64,
    has_good_card: bool,
    drafts: Vec<Draft>,
    pub bills: Vec<Bill>,
    /// What the operator's figures are counted from, beside the bills.
    pub history: History,
}

impl Reference {
    /// A workspace that is made now, and begins its trial and its month.
    pub fn new(now: i64) -> Self {
        let month = Month { anchor: now, start: now, end: after(now, 1), granted: 0, included: 0, overage: 0 };
        let mut new = Self {
            made_at: now,
            now,
            currency: None,
            bought: None,
            month,
            cap: 0,
            has_good_card: true,
            drafts: Vec::new(),
            bills: Vec::new(),
            history: History::new(now + TRIAL_DAYS * DAY),
        };
        new.grant();
        new
    }

    /// Lets time pass: months end and begin, and drafts become final.
    pub fn advance(&mut self, to: i64) {
        while let Some((at, is_draft)) = self.next_due().filter(|(at, _)| *at <= to) {
            self.now = at;
            if is_draft { self.finalize() } else { self.end_month() }
        }
        self.now = to;
    }

    pub fn expected(&self) -> Expected {
        let standing = match self.bought.as_ref().and_then(|bought| bought.missing.iter().min()) {
            None => Standing::Good,
            Some(since) if self.now - since < READ_ONLY_AFTER => Standing::Grace,
            Some(since) if self.now - since < SUSPENDED_AFTER => Standing::ReadOnly,
            Some(_) => Standing::Suspended,
        };
        let (plan, is_trial) = self.plan();
        Expected { plan, cap: self.sold(), standing, is_trial }
    }

    pub fn is_subscribed(&self) -> bool {
        self.bought.is_some()
    }

    /// What is paid for.
    pub fn bought_plan(&self) -> Option<PlanId> {
        self.bought.as_ref().map(|bought| bought.plan)
    }

    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Whether the plan ends, or becomes a cheaper one, with its month.
    pub fn changes_with_the_month(&self) -> bool {
        self.bought.as_ref().is_some_and(|bought| bought.is_cancelled || bought.next.is_some())
    }

    pub fn has_good_card(&self) -> bool {
        self.has_good_card
    }

    /// When the month ends that is paid.
    pub fn month_ends(&self) -> i64 {
        self.bought.as_ref().map_or(self.month.end, |bought| bought.end)
    }

    /// Uses credits, as many of them as there are. Answers how many.
    pub fn uses(&mut self, credits: i64) -> i64 {
        self.begin_month_if_over();
        let included = credits.min(self.month.granted - self.month.included);
        let beyond = (credits - included).min((self.sold() - self.month.overage).max(0));
        self.month.included += included;
        self.month.overage += beyond;
        if let Some(bought) = self.bought.as_mut().filter(|_| beyond > 0) {
            bought.unbilled.push((self.now, beyond));
        }
        self.history.uses(self.now, included + beyond, beyond);
        included + beyond
    }

    pub fn sets_cap(&mut self, cap: i64) {
        self.cap = cap;
    }

    /// Buys a plan with a card that pays. Whoever has a missing payment of an earlier plan pays it first.
    pub fn buys(&mut self, plan: PlanId, currency: Currency, coupon: Option<Coupon>) {
        let now = self.now;
        self.mends_card();
        let trial_ends = self.made_at + TRIAL_DAYS * DAY;
        let is_trial = plan == PlanId::Team && self.currency.is_none() && trial_ends > now + SHORTEST_TRIAL;
        self.currency = Some(currency);
        let anchor = if is_trial { trial_ends } else { now };
        let mut bought = Bought {
            plan,
            anchor,
            start: now,
            end: if is_trial { trial_ends } else { after(now, 1) },
            is_trial,
            paid: Paid { cents: 0, from: now, until: anchor },
            coupon: coupon.map(|coupon| (coupon, now)),
            next: None,
            is_cancelled: false,
            unbilled: Vec::new(),
            missing: Vec::new(),
        };
        let mut cents = 0;
        if !is_trial {
            cents = bought.less_coupon(self.price(plan), now);
            bought.paid = Paid { cents, from: now, until: bought.end };
            bought.use_up(cents != self.price(plan));
        }
        // A trial has a bill too, of nothing.
        self.bill_at_once(cents);
        (self.month.start, self.month.end) = (bought.start, bought.end);
        self.bought = Some(bought);
        self.history.chooses(now, currency);
        self.keep_plan();
        self.begin_month();
    }

    /// What a dearer plan costs now.
    pub fn price_of_raising(&self, plan: PlanId) -> i64 {
        let mut other = self.clone();
        other.has_good_card = true;
        let before = other.bills.len();
        other.raises(plan);
        other.bills[before..].iter().map(|bill| bill.cents).sum()
    }

    /// Goes over to a dearer plan now.
    pub fn raises(&mut self, plan: PlanId) {
        let (now, full) = (self.now, self.price(plan));
        let Some(mut bought) = self.bought.take() else { return };
        let cents =
            if bought.is_trial { self.end_trial(&mut bought, full) } else { self.raise_within(&mut bought, full) };
        (bought.plan, bought.next, bought.is_cancelled) = (plan, None, false);
        (self.month.end, self.bought) = (bought.end, Some(bought));
        self.keep_plan();
        self.bill_at_once(cents);
        if self.month.start < self.bought.as_ref().map_or(0, |bought| bought.start) {
            (self.month.start, self.month.end) = (now, self.month_ends());
            self.begin_month();
        } else {
            self.grant();
        }
    }

    /// Goes over to a cheaper plan with the next month.
    pub fn lowers(&mut self, plan: PlanId) {
        if let Some(bought) = &mut self.bought {
            (bought.next, bought.is_cancelled) = (Some(plan), false);
        }
    }

    pub fn cancels(&mut self) {
        if let Some(bought) = &mut self.bought {
            (bought.next, bought.is_cancelled) = (None, true);
        }
    }

    pub fn goes_on(&mut self) {
        if let Some(bought) = &mut self.bought {
            (bought.next, bought.is_cancelled) = (None, false);
        }
    }

    pub fn breaks_card(&mut self) {
        self.has_good_card = false;
    }

    /// Another card, with which everything is paid that is open.
    pub fn mends_card(&mut self) {
        self.has_good_card = true;
        for bill in self.bills.iter_mut().filter(|bill| !bill.is_draft) {
            bill.paid_at = bill.paid_at.or(Some(self.now));
        }
        if let Some(bought) = &mut self.bought {
            bought.missing.clear();
        }
    }

    /// The next time at which something happens by itself, and whether that is a draft.
    fn next_due(&self) -> Option<(i64, bool)> {
        let drafts = self.drafts.iter().map(|draft| (draft.final_at, true));
        drafts.chain(self.bought.as_ref().map(|bought| (bought.end, false))).min()
    }

    fn finalize(&mut self) {
        let now = self.now;
        let (due, waiting): (Vec<_>, Vec<_>) = self.drafts.drain(..).partition(|draft| draft.final_at <= now);
        self.drafts = waiting;
        for draft in due {
            let bill = &mut self.bills[draft.bill];
            let is_paid = self.has_good_card || bill.cents == 0;
            (bill.is_draft, bill.has_failed, bill.paid_at) = (false, !is_paid, is_paid.then_some(now));
            if let Some(bought) = self.bought.as_mut().filter(|_| !is_paid && draft.is_current) {
                bought.missing.push(now);
            }
        }
    }

    /// The month that is paid is over: what was used is billed, and the next one, where there is one.
    fn end_month(&mut self) {
        let Some(mut bought) = self.bought.take() else { return };
        let usage = if bought.is_trial { 0 } else { self.usage(&mut bought, i64::MAX) };
        let coupon = bought.coupon;
        let mut cents = bought.less_coupon(usage, self.now);
        bought.unbilled.clear();
        let goes_on = !bought.is_cancelled;
        if goes_on {
            bought.plan = bought.next.take().unwrap_or(bought.plan);
            let full = self.price(bought.plan);
            (bought.start, bought.end) = (bought.end, next_end(bought.anchor, bought.end));
            let month = bought.less_coupon(full, self.now);
            bought.paid = Paid { cents: month, from: bought.start, until: bought.end };
            bought.use_up(coupon.is_some() && cents + month != usage + full);
            cents += month;
        }
        let is_billed = goes_on || !bought.is_trial;
        bought.is_trial = false;
        let (start, end) = (bought.start, bought.end);
        self.bought = goes_on.then_some(bought);
        self.keep_plan();
        if is_billed {
            self.bills.push(Bill { at: self.now, cents, is_draft: true, paid_at: None, has_failed: false });
            for draft in &mut self.drafts {
                draft.is_current &= goes_on;
            }
            let bill = self.bills.len() - 1;
            self.drafts.push(Draft { bill, final_at: self.now + DRAFT, is_current: goes_on });
        }
        (self.month.start, self.month.end) = (start, end);
        if !goes_on {
            // Free months go on as the paid ones did; after a trial, which is no month, they are counted from its end.
            self.month.anchor = if after(start, 1) == end { start } else { end };
            (self.month.start, self.month.end) = (end, next_end(self.month.anchor, end));
        }
        self.begin_month();
    }

    /// A dearer plan in the middle of a trial: it begins now, with a month of its own.
    fn end_trial(&self, bought: &mut Bought, full: i64) -> i64 {
        let cents = bought.less_coupon(full, self.now);
        bought.use_up(cents != full);
        (bought.anchor, bought.start, bought.end) = (self.now, self.now, after(self.now, 1));
        bought.paid = Paid { cents, from: bought.start, until: bought.end };
        bought.is_trial = false;
        bought.unbilled.clear();
        cents
    }

    /// A dearer plan in the middle of a month.
    fn raise_within(&self, bought: &mut Bought, full: i64) -> i64 {
        let now = self.now;
        let Paid { cents, from, until } = bought.paid;
        let back = part(cents, until - now.max(from), until - from);
        let rest = part(full, bought.end - now, bought.end - bought.start);
        let rest = bought.less_coupon(rest, now);
        bought.paid = Paid { cents: rest, from: now, until: bought.end };
        let usage = self.usage(bought, now - now.rem_euclid(HOUR));
        rest - back + bought.less_coupon(usage, now)
    }

    /// What the credits cost that were used before then. They are billed with it.
    fn usage(&self, bought: &mut Bought, before: i64) -> i64 {
        let (billed, unbilled): (Vec<_>, Vec<_>) = bought.unbilled.drain(..).partition(|(at, _)| *at < before);
        bought.unbilled = unbilled;
        let credits: i64 = billed.iter().map(|(_, credits)| credits).sum();
        let thousand = Plan::newest(bought.plan).thousand_credits(self.currency.unwrap_or_default());
        part(thousand.map_or(0, |price| price.cents), credits, 1_000)
    }

    fn bill_at_once(&mut self, cents: i64) {
        let at = self.now;
        self.bills.push(Bill { at, cents, is_draft: false, paid_at: Some(at), has_failed: false });
    }

    /// Writes down what is paid for from now on. A trial is not.
    fn keep_plan(&mut self) {
        let paid = self.bought.as_ref().filter(|bought| !bought.is_trial);
        self.history.pays_for(self.now, paid.map(|bought| bought.plan));
    }

    /// The plan that counts now, and whether it is Sheaf's own trial.
    fn plan(&self) -> (PlanId, bool) {
        match &self.bought {
            Some(bought) => (bought.plan, false),
            None if self.now < self.made_at + TRIAL_DAYS * DAY => (PlanId::Team, true),
            None => (PlanId::Free, false),
        }
    }

    /// Credits beyond the included ones that may be had. A trial sells none.
    fn sold(&self) -> i64 {
        if self.bought.as_ref().is_some_and(|bought| !bought.is_trial) { self.cap } else { 0 }
    }

    fn price(&self, plan: PlanId) -> i64 {
        Plan::newest(plan).month(self.currency.unwrap_or_default()).cents
    }

    /// Without a subscription, a month begins when somebody uses something in it.
    fn begin_month_if_over(&mut self) {
        if self.now < self.month.end {
            return;
        }
        while self.month.end <= self.now {
            (self.month.start, self.month.end) = (self.month.end, next_end(self.month.anchor, self.month.end));
        }
        self.begin_month();
    }

    fn begin_month(&mut self) {
        (self.month.granted, self.month.included, self.month.overage) = (0, 0, 0);
        self.grant();
    }

    /// What the plan brings and the month has not got.
    fn grant(&mut self) {
        self.month.granted = self.month.granted.max(Plan::newest(self.plan().0).limits.credits);
    }
}

impl Bought {
    /// An amount with what the coupon takes off it at this time.
    fn less_coupon(&self, cents: i64, now: i64) -> i64 {
        let counts = |(coupon, since): (Coupon, i64)| match coupon.months {
            None | Some(0) => true,
            Some(months) => now < after(since, months),
        };
        match self.coupon.filter(|coupon| counts(*coupon)) {
            Some((coupon, _)) => cents - part(cents, coupon.hundredths, 10_000),
            None => cents,
        }
    }

    /// A coupon for one invoice is over with the first that it made smaller.
    fn use_up(&mut self, made_smaller: bool) {
        self.coupon = self.coupon.filter(|(coupon, _)| coupon.months != Some(0) || !made_smaller);
    }
}

/// So many months after a time, on the same day, or on the last of a shorter month.
pub fn after(at: i64, months: u32) -> i64 {
    let at = DateTime::<Utc>::from_timestamp(at, 0).unwrap();
    at.checked_add_months(Months::new(months)).unwrap().timestamp()
}

/// The first end of a month, counted from an anchor, that lies after a time.
fn next_end(anchor: i64, at: i64) -> i64 {
    (0..).map(|months| after(anchor, months)).find(|end| *end > at).unwrap()
}

/// A part of an amount, to the cent, and half a cent away from zero.
fn part(cents: i64, share: i64, of: i64) -> i64 {
    let doubled = 2 * i128::from(cents) * i128::from(share);
    let rounded = (doubled.abs() + i128::from(of)) / (2 * i128::from(of));
    i64::try_from(rounded * doubled.signum()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp()
    }

    /// Past its trial.
    fn old() -> Reference {
        let mut reference = Reference::new(at("2026-01-01T00:00:00Z"));
        reference.advance(at("2026-03-01T00:00:00Z"));
        reference
    }

    fn cents(reference: &Reference) -> Vec<i64> {
        reference.bills.iter().map(|bill| bill.cents).collect()
    }

    #[test]
    fn half_a_month_of_a_dearer_plan_costs_half_the_difference() {
        let mut reference = old();
        reference.buys(PlanId::Team, Currency::Eur, None);
        // March has 31 days.
        reference.advance(at("2026-03-16T12:00:00Z"));
        assert_eq!(reference.price_of_raising(PlanId::Business), 7_500);
        reference.raises(PlanId::Business);
        reference.advance(at("2026-04-01T01:00:00Z"));
        assert_eq!(cents(&reference), [4_900, 7_500, 19_900]);
        assert!(reference.bills.iter().all(|bill| bill.paid_at.is_some() && !bill.has_failed));
    }

    #[test]
    fn what_is_used_beyond_the_plan_is_billed_with_the_next_month_up_to_the_cap() {
        let mut reference = old();
        reference.buys(PlanId::Team, Currency::Eur, Some(Coupon { hundredths: 5_000, months: Some(0) }));
        reference.sets_cap(1_000);
        assert_eq!(reference.uses(5_500), 5_500);
        assert_eq!(reference.uses(1_000), 500, "the cap holds");
        reference.cancels();
        reference.advance(at("2026-05-01T00:00:00Z"));
        assert_eq!(cents(&reference), [2_450, 1_200]);
        assert_eq!(reference.expected().plan, PlanId::Free);
    }

    #[test]
    fn the_rest_of_a_trial_is_kept_and_its_end_is_paid() {
        let mut reference = Reference::new(at("2026-01-01T00:00:00Z"));
        reference.buys(PlanId::Team, Currency::Gbp, None);
        assert_eq!((reference.expected().cap, cents(&reference)), (0, vec![0]));
        reference.breaks_card();
        reference.advance(at("2026-01-15T00:30:00Z"));
        assert_eq!((reference.expected().standing, cents(&reference)), (Standing::Good, vec![0, 4_200]));
        reference.advance(at("2026-01-22T00:00:00Z"));
        assert_eq!(reference.expected().standing, Standing::Grace);
        reference.advance(at("2026-01-22T01:00:00Z"));
        assert_eq!(reference.expected().standing, Standing::ReadOnly);
        reference.mends_card();
        assert_eq!(reference.expected().standing, Standing::Good);
        let bill = reference.bills[1];
        assert_eq!((bill.has_failed, bill.paid_at), (true, Some(at("2026-01-22T01:00:00Z"))));
    }
}
