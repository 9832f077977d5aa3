//! What a workspace costs us, as far as it follows from what it uses. It is an estimate to compare workspaces with, and in no
//! invoice.
//!
//! The prices stand here and nowhere else, and the page that shows costs names them. Seconds and bytes are what is counted and
//! kept; a price meets them when they are shown, so that another one counts for every month at once. What is not in it is what
//! nobody uses more of by working more: the servers of the pages, the database, mail, and people.

use super::Figures;
use crate::billing::{Currency, Money};

/// In which the costs below are.
pub const COST_CURRENCY: Currency = Currency::Eur;

/// An hour of a worker, which keeps a core busy: rented with its memory for about 20 euros a month of 730 hours, that is 2.7 cents,
/// and a part of an hour in which nothing is to be done.
pub const CENTS_A_WORKER_HOUR: i64 = 3;

/// A billion bytes for 30 days, in an S3-compatible store with its copies: between 2.1 and 2.6 US cents at Amazon by region and
/// volume, <https://aws.amazon.com/s3/pricing/>, and less elsewhere.
pub const CENTS_A_GIGABYTE_MONTH: i64 = 2;

const SECONDS_AN_HOUR: i64 = 3_600;
const MEGABYTE_DAYS_A_GIGABYTE_MONTH: i64 = 1_000 * 30;

/// What these figures cost, to the cent, half a cent upward.
pub fn cost(figures: &Figures) -> Money {
    // Both in one unit, so that nothing is lost before the end: a cent has this many.
    let cent = SECONDS_AN_HOUR * MEGABYTE_DAYS_A_GIGABYTE_MONTH;
    let work = figures.worker_seconds * CENTS_A_WORKER_HOUR * MEGABYTE_DAYS_A_GIGABYTE_MONTH;
    let storage = figures.megabyte_days * CENTS_A_GIGABYTE_MONTH * SECONDS_AN_HOUR;
    Money::new((work + storage + cent / 2).div_euclid(cent), COST_CURRENCY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_and_a_gigabyte_cost_what_they_cost() {
        let cents = |worker_seconds, megabyte_days| {
            cost(&Figures { worker_seconds, megabyte_days, ..Figures::default() }).cents
        };
        assert_eq!([cents(0, 0), cents(3_600, 0), cents(0, 30_000), cents(7_200, 60_000)], [0, 3, 2, 10]);
        assert_eq!([cents(599, 0), cents(600, 0), cents(300, 3_750)], [0, 1, 1]);
    }
}
