//! What a workspace pays, and for what: its plan, the month so far, the bills, and what was used. What everybody is to know of
//! it stands over every page.

pub mod api;
mod banner;
mod cancel;
mod cap;
mod change;
mod invoices;
mod ledger;
mod limits;
mod month;
mod outcome;
mod overview;
mod payment;
mod plan;
mod plans;
mod price;
mod usage;
mod usage_sums;
mod wall;

pub use banner::BillingBanner;
pub use limits::PlanTile;
pub(crate) use price::Price;
pub use wall::{PaymentWall, is_open_unpaid};

use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    parts::{Missing, part},
    ui::grouped,
};
use overview::BillingPage;
use plans::PlanPage;
use usage::UsagePage;

/// The pages of what a workspace pays.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Page {
    Overview,
    Plans,
    Usage,
}

part!(Page, "settings", page);

/// One of them.
#[wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)]
fn page(page: Page) -> Result<AnyView, Missing> {
    Ok(match page {
        Page::Overview => view! { <BillingPage /> }.into_any(),
        Page::Plans => view! { <PlanPage /> }.into_any(),
        Page::Usage => view! { <UsagePage /> }.into_any(),
    })
}

/// "1 page credit", "1,240 page credits"; below zero with a minus.
pub(crate) fn credits(number: i64) -> String {
    format!("{} {}", signed(number), if number.abs() == 1 { "page credit" } else { "page credits" })
}

/// A number with a comma after each three digits, below zero with a minus.
pub(crate) fn signed(number: i64) -> String {
    let minus = if number < 0 { "−" } else { "" };
    format!("{minus}{}", grouped(number.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_told_with_their_noun() {
        assert_eq!(
            [0, 1, -1, -1_240].map(credits),
            ["0 page credits", "1 page credit", "−1 page credit", "−1,240 page credits"]
        );
    }
}
