//! Counting. A month is counted while it runs and for a week after it, so that what is learnt late of it is in it; then it stands.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Figures, Month, door,
    movement::{CurrencyMonth, Facts},
    operator_store,
    store::{self, Day},
};
use crate::{Services, actor::System, db::TenantTx, error::Result, id::TenantId, live};

/// After its end a month is counted for so long. An invoice is a draft for an hour, and a payment is tried again for days; but
/// what is paid later is in the month in which it is paid.
const SETTLES_AFTER: Duration = Duration::days(7);

/// Whoever pays for a plan so long after the month in which their trial ended has come of it. It is shorter than the time above by
/// two nights, so that one of them counts what came on the last of these days, also where the other is missed.
const CONVERTS_WITHIN: Duration = Duration::days(5);

/// Days whose jobs are looked at: what was made on a day is nearly always done within three.
const DAYS: i64 = 3;

/// Counts what a workspace cost of late, and its months that are not settled. To do so again is harmless.
pub async fn count(services: &Services, tenant: TenantId) -> Result<()> {
    let now = services.clock.now();
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    store::keep_costs(&mut tx, &last_days(now)).await?;
    for month in unsettled(now) {
        count_in(&mut tx, month, now).await?;
    }
    tx.commit().await
}

/// Counts a month of a workspace anew, however long ago it was.
pub async fn count_month(services: &Services, tenant: TenantId, month: Month) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    count_in(&mut tx, month, services.clock.now()).await?;
    tx.commit().await
}

/// Sums up the months that are not settled.
pub async fn sum(services: &Services) -> Result<()> {
    for month in unsettled(services.clock.now()) {
        sum_month(services, month).await?;
    }
    Ok(())
}

/// Sums up a month of all workspaces anew, after they were counted.
pub async fn sum_month(services: &Services, month: Month) -> Result<()> {
    let mut system = services.db.patient().await?;
    operator_store::sum(&mut system, month).await?;
    live::announce_to_servers(&mut system, door::CHANGE, "").await?;
    system.commit().await
}

/// The months that are not settled, the oldest first.
fn unsettled(now: DateTime<Utc>) -> Vec<Month> {
    let running = Month::of(now);
    let is_open = now < running.start() + SETTLES_AFTER;
    is_open.then(|| running.back(1)).into_iter().chain([running]).collect()
}

/// A row of the table.
#[derive(Serialize)]
struct Row {
    tenant_id: TenantId,
    month: Month,
    counted_at: DateTime<Utc>,
    #[serde(flatten)]
    of_currency: CurrencyMonth,
}

async fn count_in(tx: &mut TenantTx, month: Month, now: DateTime<Utc>) -> Result<()> {
    let tenant_id = tx.id();
    let facts = facts(tx, month, now).await?;
    let row = |of_currency| Row { tenant_id, month, counted_at: now, of_currency };
    let rows: Vec<Row> = facts.months().into_iter().map(row).collect();
    store::replace(tx, month, &serde_json::to_value(rows)?).await
}

async fn facts(tx: &mut TenantTx, month: Month, now: DateTime<Utc>) -> Result<Facts> {
    let (used_credits, overage_credits) = store::used_credits(tx, month).await?;
    let (worker_seconds, megabyte_days) = store::costs(tx, month).await?;
    let (trials_ended, trials_converted) = trials(tx, month, now).await?;
    Ok(Facts {
        opening: store::state_before(tx, month.start(), false).await?,
        closing: store::state_before(tx, month.end(), false).await?,
        paid_before: store::state_before(tx, month.start(), true).await?,
        paid_last: store::state_before(tx, month.end(), true).await?,
        billed: store::billed(tx, month).await?,
        used: Figures {
            trials_ended,
            trials_converted,
            used_credits,
            overage_credits,
            worker_seconds,
            megabyte_days,
            ..Figures::default()
        },
    })
}

/// Whether the trial ended in the month, and whether a plan was paid for by the fifth day after the month: one or nothing each.
async fn trials(tx: &mut TenantTx, month: Month, now: DateTime<Utc>) -> Result<(i64, i64)> {
    let ends = store::trial_ends_at(tx).await?;
    if !ends.is_some_and(|ends| ends >= month.start() && ends < month.end() && ends <= now) {
        return Ok((0, 0));
    }
    let is_converted = store::state_before(tx, month.end() + CONVERTS_WITHIN, true).await?.is_some();
    Ok((1, i64::from(is_converted)))
}

/// The days before this one, with the ids of their jobs, which begin with the time of their making.
fn last_days(now: DateTime<Utc>) -> Vec<Day> {
    let today = now.date_naive();
    let day = |day: NaiveDate| Day { day, first: first_id(day), end: first_id(day + Duration::days(1)) };
    (1..=DAYS).map(|back| day(today - Duration::days(back))).collect()
}

/// Before every UUIDv7 of a day and of later ones.
fn first_id(day: NaiveDate) -> Uuid {
    let milliseconds = day.and_time(NaiveTime::MIN).and_utc().timestamp_millis().max(0).unsigned_abs();
    Uuid::from_u128(u128::from(milliseconds) << 80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_counted_until_the_seventh_day_after_it() {
        let months = |text| unsettled(at(text)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(months("2026-11-21T12:00:00Z"), ["2026-11"]);
        assert_eq!(months("2027-01-01T00:00:00Z"), ["2026-12", "2027-01"]);
        assert_eq!(months("2027-01-07T23:59:59Z"), ["2026-12", "2027-01"]);
        assert_eq!(months("2027-01-08T00:00:00Z"), ["2027-01"]);
    }

    #[test]
    fn the_ids_of_a_day_lie_between_its_first_and_the_first_of_the_next() {
        let now = at("2026-11-21T00:00:00Z");
        let id: Uuid = Clock::manual(now - Duration::milliseconds(1)).id();
        let yesterday = &last_days(now)[0];
        assert_eq!(yesterday.day, NaiveDate::from_ymd_opt(2026, 11, 20).unwrap());
        assert!(yesterday.first <= id && id < yesterday.end);
        assert!(Clock::manual(now).id::<Uuid>() >= yesterday.end);
    }
}
