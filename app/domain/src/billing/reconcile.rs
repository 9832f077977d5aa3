//! Whether all books agree: the ledger, the meter, what was written down for Stripe, what Stripe has counted, and what it bills.

use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{
    Difference, Stripe, check, customer,
    roll_up_store::{self as store, CountedHour},
    stripe,
};
use crate::{
    Services,
    actor::System,
    db::TenantTx,
    error::{Error, Result},
    id::TenantId,
};

/// An hour is told to Stripe within the next; one that is older by this much waits for something.
const TOLD_WITHIN: TimeDelta = TimeDelta::hours(3);

/// Stripe makes an invoice final about an hour after its month; until then it bills what it knows so far.
const BILLED_WITHIN: TimeDelta = TimeDelta::days(1);

/// A month, and what our own books say of it.
struct Books {
    tenant: TenantId,
    began: DateTime<Utc>,
    /// When the one after it has begun.
    followed: Option<DateTime<Utc>>,
    /// Credits beyond the included ones in the hours that are over.
    used: i64,
}

/// What does not agree in a workspace, of the month that has begun last by the end of this day; nothing, where all does. The
/// running hour is not looked at, and what Stripe was told a moment ago it may not have counted. As a worker.
///
/// Fails as "unavailable" where Stripe is away. Without Stripe, our own books are compared.
pub async fn reconcile(services: &Services, tenant: TenantId, day: NaiveDate) -> Result<Vec<Difference>> {
    let now = services.clock.now();
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    // Nobody moves anything while it is looked at.
    store::lock(&mut tx).await?;
    let mut differences: Vec<Difference> = check(&mut tx).await?.into_iter().map(Difference::Meter).collect();
    let month = store::month_of(&mut tx, end_of(day)).await?;
    let Some(began) = month.began else { return Ok(differences) };
    let hours = store::hours(&mut tx, began, now, month.followed.is_some()).await?;
    differences.extend(differing(&hours));
    let late = store::late(&mut tx, began, now - TOLD_WITHIN).await?;
    differences.extend(late.iter().map(|event| Difference::Unsent { hour: event.hour, credits: event.credits }));
    let known = customer(&mut tx).await?;
    tx.commit().await?;
    let used = hours.iter().map(|hour| hour.used).sum();
    let books = Books { tenant, began, followed: month.followed, used };
    if let (Some(stripe), Some(known)) = (&services.stripe, known) {
        differences.extend(counted(services, stripe, &known.customer, &books).await?);
        differences.extend(billed(services, stripe, &known.customer, &books).await?);
    }
    Ok(differences)
}

/// The hours that differ, where the month does: what comes late is written down with a later hour.
fn differing(hours: &[CountedHour]) -> Vec<Difference> {
    if hours.iter().map(|hour| hour.used - hour.told).sum::<i64>() == 0 {
        return Vec::new();
    }
    let differing = hours.iter().filter(|hour| hour.used != hour.told);
    differing.map(|hour| Difference::Hour { hour: hour.hour, ledger: hour.used, written: hour.told }).collect()
}

/// Whether Stripe has counted what it was told. It adds up whole minutes, so both are asked about the same ones.
async fn counted(services: &Services, stripe: &Stripe, customer: &str, books: &Books) -> Result<Option<Difference>> {
    let from = minute(books.began)?;
    let until = minute(books.followed.unwrap_or_else(|| services.clock.now()))?;
    if from >= until {
        return Ok(None);
    }
    let mut tx = open(services, books.tenant).await?;
    let told = store::sent_between(&mut tx, from, until).await?;
    tx.commit().await?;
    let counted = stripe::credits_on_meter(stripe, customer, from, until).await?;
    Ok((told != counted).then_some(Difference::Counted { month: books.began, told, counted }))
}

/// Whether the invoices of a month that has been over for a day bill what was used in it. Where more came back, they bill nothing.
async fn billed(services: &Services, stripe: &Stripe, customer: &str, books: &Books) -> Result<Option<Difference>> {
    let Some(followed) = books.followed else { return Ok(None) };
    if services.clock.now() - followed < BILLED_WITHIN {
        return Ok(None);
    }
    let lines = stripe::credits_on_invoices(stripe, customer, books.began, followed).await?;
    let (ledger, billed) = (books.used.max(0), lines.iter().map(|line| line.credits).sum::<i64>());
    Ok((ledger != billed).then_some(Difference::Billed { month: books.began, ledger, billed }))
}

async fn open(services: &Services, tenant: TenantId) -> Result<TenantTx> {
    services.db.tenant(&System::for_tenant(tenant)).await
}

fn minute(at: DateTime<Utc>) -> Result<DateTime<Utc>> {
    at.duration_trunc(TimeDelta::minutes(1)).map_err(Error::internal)
}

/// The last moment of a day.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1) - TimeDelta::microseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(number: i64, used: i64, told: i64) -> CountedHour {
        CountedHour { hour: DateTime::UNIX_EPOCH + TimeDelta::hours(number), used, told }
    }

    #[test]
    fn what_was_told_with_a_later_hour_is_no_difference() {
        assert_eq!(differing(&[]), []);
        assert_eq!(differing(&[hour(0, 5, 5), hour(1, 2, 2)]), []);
        assert_eq!(differing(&[hour(0, 5, 3), hour(1, 2, 4)]), []);
        let told = differing(&[hour(0, 5, 5), hour(1, 2, 0)]);
        assert_eq!(told, [Difference::Hour { hour: hour(1, 0, 0).hour, ledger: 2, written: 0 }]);
    }

    #[test]
    fn a_day_ends_before_the_next() {
        let day = DateTime::UNIX_EPOCH.date_naive();
        assert_eq!(end_of(day).date_naive(), day);
        assert_eq!((end_of(day) + TimeDelta::microseconds(1)).date_naive(), day.succ_opt().unwrap());
    }
}
