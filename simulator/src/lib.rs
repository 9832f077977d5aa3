//! Stripe for tests, for stories in the browser, and for `make run` without a key: what sells subscriptions, kept in memory, always
//! in test mode. It is no part of the product.
//!
//! It answers in the shapes of the API version [`VERSION`], form-encoded requests with JSON, with errors, lists, `expand[]`,
//! idempotency keys and signed webhooks as Stripe documents them. It takes more than Stripe does: parameters that it does not know
//! are left unread. Ids count from one (`cus_1`, `cus_2`), and time is what the test says it is.
//!
//! # How it counts
//!
//! All amounts are whole cents. Every rounding is to the nearest cent, half a cent away from zero. Subscriptions have the flexible
//! billing mode, with the discounts of prorations included, as new ones of this API version have.
//!
//! - **Month.** Months are counted from the billing cycle anchor: the 31st is the last of a shorter month, and the 31st again after
//!   it. A period is from its first second to the one before its end.
//! - **In advance.** A licensed item is billed at the start of a period: `round(unit × quantity)`.
//! - **Metered.** What a meter counted from the start of a period (or from when the item got its price) to its end, by the time of
//!   use and not of the report: `round(unit × quantity)` once for the line. A price of parts of a cent is exact until then. What is
//!   used in a trial is given away.
//! - **Draft.** The bill of a new period stays a draft for an hour, and counts its metered lines anew when it becomes final. Reports
//!   that come later are billed by nobody.
//! - **Proration**, at second `t` of a period `[start, end)`, for each licensed item whose price or quantity changes:
//!   a credit `−round(D × (until − t) / (until − from))`, where `D` is what was billed for the item last, after discounts, for
//!   `[from, until)`: so after a second change in one period it is a part of the first change's charge, not of a price; and
//!   a charge `c = round(unit × quantity × (end − t) / (end − start))`, less `round(c × p)` for each discount of `p` per cent that
//!   counts then, one after the other. Discounts in cents do not count for prorations. Lines of nothing are left out. A trial
//!   prorates nothing. `none` makes no lines, and keeps `D`.
//! - **Metered in between.** A metered item that goes or changes its price is billed for what was used before `t`, as a line of its
//!   own that is no proration; the new price counts from `t`.
//! - **When.** `create_prorations` puts these lines onto the next bill, `always_invoice` onto one at once. `billing_cycle_anchor=now`
//!   and another interval give the unused time back and bill a whole period from now.
//! - **Discounts** count for lines that are not prorations. Per cent: `round(line × p)` for each line, of what earlier discounts
//!   left. Cents: off the lines in their order (in advance, metered, waiting) until used up. `once` is used up by the first bill that
//!   it makes smaller; `repeating` counts until so many months after it was given, `forever` for ever.
//! - **Balance.** Due is `max(0, total + balance)`; what is below zero stays in the balance for the next bill. There is no smallest
//!   amount, and no tax.
//! - **Failure.** A bill that is not paid is tried again 3, 5 and 7 days after it became final, and no more. A subscription is past
//!   due while its newest final bill was tried and is not paid, and stays so; its months go on being billed. A first bill that is not
//!   paid makes it incomplete, and expired after 23 hours.
//! - **End.** At the end of a period what was used in it is billed. Ended at once, nothing is, unless `invoice_now` or `prorate` say
//!   so. Bills that are open stay open, and are not tried again by themselves.
//!
//! # What it does not do
//!
//! Taxes, one-time prices, tiers, other ways to pay than cards, invoices sent by mail, subscriptions whose items have different
//! intervals, schedules that begin in the future. A test clock moves the time of everybody.

#![recursion_limit = "512"]

mod amount;
mod api;
mod control;
mod doors;
mod engine;
mod expand;
mod failure;
mod faults;
mod objects;
mod pages;
mod params;
mod simulator;
mod state;
mod table;
mod webhooks;

pub use faults::{ApiFault, FaultKind};
pub use simulator::{Options, Simulator, Webhook};
pub use webhooks::{WebhookFault, signature};

/// The version of Stripe's API whose shapes are answered.
pub const VERSION: &str = "2026-09-30.endive";

/// A key that is as good as any other that begins with `sk_test_`.
pub const KEY: &str = "sk_test_simulator";
