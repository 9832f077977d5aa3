//! What a workspace has used, for those who look: the month so far, a month by day, kind, person and key, and the ledger itself.

use std::time::Duration;

use chrono::{DateTime, Days, Months, NaiveDate, SecondsFormat, Utc};
use uuid::Uuid;

use super::{
    EntryKind, LedgerLine, LedgerPage, MeterReading, Usage, UsageQuery, UsageSum,
    entitlements::entitlements_in,
    roll_over::look,
    store::subscription,
    usage_store::{self, Row, Sum},
};
use crate::{
    Services,
    actor::{Action, Member},
    cache::Kept,
    db::{Source, TenantTx},
    error::{Error, Result},
};

/// Lines on a page.
const PAGE_ROWS: usize = 50;

/// People, and keys, that are named beside what they used; the others are one line.
const NAMED: usize = 100;

/// Days of a month that are told, at most. Between two that have lines there may be months that have none.
const MAX_DAYS: u64 = 62;

/// A month without the list of months: all its lines are gone through for it. It is the same for whoever may see it.
///
/// Invalidated by: what is announced of documents, which are told of in the transaction that charges for them, and of billing; and by
/// 30 seconds.
const USED: Kept<Usage> = Kept::new("billing.used", 1, &["document", "billing"]).shared_for(Duration::from_secs(30));

/// After every line.
pub(super) const LATEST: (DateTime<Utc>, Uuid) = (DateTime::<Utc>::MAX_UTC, Uuid::nil());

/// The month so far.
pub async fn meter(services: &Services, member: &Member) -> Result<MeterReading> {
    member.require(Action::ReadBilling)?;
    let mut tx = services.db.tenant(member).await?;
    let reading = meter_in(services, &mut tx).await?;
    tx.commit().await?;
    Ok(reading)
}

/// A month by day, by kind of work, by person and by key, each of which adds up to the total. "Not found" before the first month.
pub async fn usage(services: &Services, member: &Member, query: &UsageQuery) -> Result<Usage> {
    member.require(Action::ReadBilling)?;
    // Whoever asks for the month that is now may have to begin it, so this much is asked of the primary each time.
    let mut tx = services.db.tenant(member).await?;
    let month = month_of(services, &mut tx, query).await?;
    let months = usage_store::months(&mut tx).await?;
    tx.commit().await?;
    let read = services.db.read(member, |tx| used_in(tx, month));
    let (epochs, key) = (services.db.epochs(), format!("{}~{}", month.0, month.1));
    let used = services.cache.cached_from(epochs, &USED, member.tenant, key, read).await?;
    Ok(Usage { months, ..Usage::clone(&used) })
}

/// A page of the ledger, the newest first: 50 lines after the place that the page before has told.
pub async fn ledger(services: &Services, member: &Member, after: Option<&str>) -> Result<LedgerPage> {
    member.require(Action::ReadBilling)?;
    let before = after.map_or(Ok(LATEST), place)?;
    let mut tx = services.db.tenant(member).await?;
    let mut rows = usage_store::lines(&mut tx, before, PAGE_ROWS as i64 + 1).await?;
    tx.commit().await?;
    let more = rows.len() > PAGE_ROWS;
    rows.truncate(PAGE_ROWS);
    let next = rows.last().filter(|_| more).map(|last| {
        let at = last.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        format!("{at}~{}", last.id)
    });
    Ok(LedgerPage { lines: rows.into_iter().map(LedgerLine::from).collect(), next })
}

/// The month so far, in a transaction that is open. It locks the meter where a month has to begin.
pub(super) async fn meter_in(services: &Services, tx: &mut TenantTx) -> Result<MeterReading> {
    let e = entitlements_in(services, tx).await?;
    let (currency, members) = (subscription(tx).await?.currency, usage_store::people(tx).await?);
    let meter = look(tx, &services.clock, &e).await?;
    Ok(MeterReading {
        period_start: meter.period_start,
        period_end: meter.period_end,
        granted: meter.granted,
        used: meter.used,
        included: meter.included,
        overage: meter.overage,
        held: meter.held,
        stored_bytes: meter.stored_bytes,
        members,
        currency,
        entitlements: e,
    })
}

/// The beginning and the end of the month that is asked for.
pub(super) async fn month_of(
    services: &Services,
    tx: &mut TenantTx,
    query: &UsageQuery,
) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let e = entitlements_in(services, tx).await?;
    let now = look(tx, &services.clock, &e).await?;
    let running = (now.period_start, now.period_end);
    let Some(time) = query.month.filter(|time| *time < now.period_start) else { return Ok(running) };
    let start = usage_store::month_at(tx, time).await?.ok_or_else(Error::not_found)?;
    let after = usage_store::month_after(tx, start).await?.unwrap_or(now.period_start);
    let month = start.checked_add_months(Months::new(1)).unwrap_or(after);
    Ok((start, after.min(month)))
}

/// What was used from the beginning to the end of a month.
async fn used_in(
    mut tx: TenantTx,
    (period_start, period_end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(Usage, Source)> {
    let sums = usage_store::sums(&mut tx, period_start).await?;
    let people = usage_store::sums_of_people(&mut tx, period_start, NAMED as i64).await?;
    let keys = usage_store::sums_of_keys(&mut tx, period_start, NAMED as i64).await?;
    let source = tx.source();
    tx.commit().await?;
    let all = sums.iter().find(|sum| sum.day.is_none() && sum.work.is_none());
    let (total, overage) = all.map_or((0, 0), |sum| (sum.used, sum.overage));
    let used = Usage {
        period_start,
        period_end,
        days: days_of(period_start, period_end, &sums),
        kinds: sums.iter().filter_map(kind_of).collect(),
        members: with_others(people, total, "Everybody else"),
        keys: with_others(keys, total, "Other keys"),
        total,
        overage,
        months: Vec::new(),
    };
    Ok((used, source))
}

impl Row {
    /// Above zero where they came to the workspace, and below where they left it.
    pub fn signed(&self) -> i64 {
        let came = self.debit == "used" || (self.debit == "plan" && self.credit == "available");
        if came { self.credits } else { -self.credits }
    }

    pub fn is_overage(&self) -> bool {
        self.debit == "overage" || self.credit == "overage"
    }
}

impl From<Row> for LedgerLine {
    fn from(row: Row) -> Self {
        Self {
            credits: row.signed(),
            is_overage: row.is_overage(),
            id: row.id,
            kind: row.kind,
            document: row.document,
            document_name: row.document_name,
            who: row.who,
            through: row.through,
            plan: row.plan,
            price_version: row.price_version,
            note: row.note,
            at: row.at,
        }
    }
}

/// The kind of work in people's words; none for lines that no work has caused.
pub(super) fn work_of(kind: EntryKind, key: &str) -> Option<&'static str> {
    let is_work = matches!(kind, EntryKind::Use | EntryKind::CreditBack);
    is_work.then(|| label_of(key.split(':').next().unwrap_or_default()))
}

fn label_of(work: &str) -> &'static str {
    if work == "read" { "Reading" } else { "Other work" }
}

fn kind_of(sum: &Sum) -> Option<UsageSum> {
    sum.work.as_ref().map(|work| UsageSum { name: label_of(work).to_owned(), credits: sum.used })
}

/// Each day of the month, also where nothing was used. A line that came a moment outside of it counts for its first or last day.
fn days_of(start: DateTime<Utc>, end: DateTime<Utc>, sums: &[Sum]) -> Vec<(NaiveDate, i64)> {
    let first = start.date_naive();
    let last = (end - chrono::TimeDelta::microseconds(1)).date_naive().max(first);
    let last = first.checked_add_days(Days::new(MAX_DAYS)).map_or(last, |most| last.min(most));
    let mut days: Vec<_> = first.iter_days().take_while(|day| *day <= last).map(|day| (day, 0)).collect();
    for (day, used) in sums.iter().filter_map(|sum| sum.day.map(|day| (day, sum.used))) {
        let place = (day.clamp(first, last) - first).num_days();
        if let Some(found) = usize::try_from(place).ok().and_then(|place| days.get_mut(place)) {
            found.1 += used;
        }
    }
    days
}

/// With a line for what is not named, so that they add up.
fn with_others(mut sums: Vec<UsageSum>, total: i64, name: &str) -> Vec<UsageSum> {
    let others = total - sums.iter().map(|sum| sum.credits).sum::<i64>();
    if others != 0 {
        sums.push(UsageSum { name: name.into(), credits: others });
    }
    sums
}

/// The line before which a page of the ledger begins, as its address names it: when that was written, and its id.
fn place(text: &str) -> Result<(DateTime<Utc>, Uuid)> {
    let parsed = text.split_once('~').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    parsed.ok_or_else(|| Error::invalid("after", "This place in the ledger does not exist. Go back to its beginning."))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn day(day: u32, used: i64) -> Sum {
        Sum { day: NaiveDate::from_ymd_opt(2026, 2, day), work: None, used, overage: 0 }
    }

    #[test]
    fn a_month_has_all_its_days_and_no_other() {
        let at = |month, day| Utc.with_ymd_and_hms(2026, month, day, 12, 0, 0).unwrap();
        let days = days_of(at(1, 31), at(2, 28), &[day(1, 5), day(28, 7)]);
        assert_eq!((days.len(), days[0].1, days[1].1, days[28].1), (29, 0, 5, 7));
        let midnight = Utc.with_ymd_and_hms(2026, 2, 3, 0, 0, 0).unwrap();
        let days = days_of(at(2, 1), midnight, &[day(3, 4)]);
        assert_eq!(days.last().map(|(day, used)| (day.to_string(), *used)), Some(("2026-02-02".into(), 4)));
    }

    #[test]
    fn the_people_add_up_to_the_total() {
        let ada = UsageSum { name: "Ada".into(), credits: 30 };
        assert_eq!(with_others(vec![ada.clone()], 30, "Everybody else"), std::slice::from_ref(&ada));
        assert_eq!(with_others(vec![ada], 35, "Everybody else")[1].credits, 5);
    }

    #[test]
    fn a_place_in_the_ledger_is_read_from_its_own_text_alone() {
        let text = format!("2026-02-03T04:05:06.000007Z~{}", Uuid::max());
        assert_eq!(place(&text).unwrap().0.to_rfc3339_opts(SecondsFormat::Micros, true), text[..27]);
        for text in ["", "~", "yesterday~1", "2026-02-03T04:05:06Z"] {
            assert_eq!(place(text).unwrap_err().field.as_deref(), Some("after"), "{text:?}");
        }
    }

    #[test]
    fn work_has_a_name_and_a_grant_is_none() {
        assert_eq!(work_of(EntryKind::Use, "read:1:2"), Some("Reading"));
        assert_eq!(work_of(EntryKind::Grant, "grant:2026"), None);
    }
}
