//! What a workspace costs us, as far as it follows from what it uses. It is an estimate to compare workspaces with, and in no
//! invoice.

use super::Figures;
use crate::billing::{Currency, Money};

/// In which the costs below are.
pub const COST_CURRENCY: Currency = Currency::Eur;

/// An hour of a worker: a core of a rented server of about 20 euros a month and core.
pub const CENTS_A_WORKER_HOUR: i64 = 3;

/// A billion bytes for 30 days, in an S3-compatible store with its copies.
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
