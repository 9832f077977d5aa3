//! What a workspace pays for: plans and their limits, page credits and the ledger that counts them, and the subscription that
//! Stripe keeps.

mod bill;
mod cap_form;
mod credits;
mod difference;
mod money;
mod notice;
mod picked;
mod plan;
mod snapshot;
mod standing;
mod subscription;
mod usage;

pub use bill::{
    BillingOverview, Card, ChangePreview, CheckoutForm, Invoice, InvoiceState, PaymentDetails, PreviewLine,
};
pub use cap_form::parse_cap;
pub use credits::{CHARACTERS_A_CREDIT, Measured, cost_of_reading, known_cost, least_cost};
pub use difference::Difference;
pub use money::{Currency, Money, grouped};
pub use notice::{BillingNotice, Told};
pub use picked::Picked;
pub use plan::{Limits, Plan, PlanId, TRIAL_DAYS, TRIAL_PLAN, UNMETERED};
pub use snapshot::Snapshot;
pub use standing::{GRACE_DAYS, READ_ONLY_DAYS, Standing, SubscriptionStatus};
pub use subscription::{Entitlements, Subscription, month_at};
pub use usage::{EntryKind, LedgerLine, LedgerPage, MeterReading, QUOTE_FROM, Quote, Usage, UsageQuery, UsageSum};

#[cfg(feature = "server")]
mod account;
#[cfg(feature = "server")]
mod adjust;
#[cfg(feature = "server")]
mod apply;
#[cfg(feature = "server")]
mod cap;
#[cfg(feature = "server")]
#[doc(hidden)]
pub mod counter;
#[cfg(feature = "server")]
mod csv;
#[cfg(feature = "server")]
mod dunning;
#[cfg(feature = "server")]
mod entitlements;
#[cfg(feature = "server")]
mod hold;
#[cfg(feature = "server")]
mod ledger;
#[cfg(feature = "server")]
mod ledger_store;
#[cfg(feature = "server")]
mod limits;
#[cfg(feature = "server")]
mod mails;
#[cfg(feature = "server")]
mod meter;
#[cfg(feature = "server")]
mod quote;
#[cfg(feature = "server")]
mod reconcile;
#[cfg(feature = "server")]
mod resume;
#[cfg(feature = "server")]
mod roll_over;
#[cfg(feature = "server")]
mod roll_up;
#[cfg(feature = "server")]
mod roll_up_store;
#[cfg(feature = "server")]
mod statement;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod stripe;
#[cfg(feature = "server")]
mod trial;
#[cfg(feature = "server")]
mod trial_mails;
#[cfg(feature = "server")]
mod usage_store;
#[cfg(feature = "server")]
mod warn;

#[cfg(feature = "server")]
use self::account::Account;
#[cfg(feature = "server")]
pub use self::{
    adjust::adjust,
    cap::set_cap,
    csv::usage_csv,
    dunning::tend,
    entitlements::{Known, entitlements},
    limits::too_many_requests,
    quote::{quote, quote_all},
    reconcile::reconcile,
    roll_over::begin_months,
    roll_up::{RolledUp, customers, roll_up, roll_up_of},
    statement::{ledger, meter, usage},
    stripe::{
        Stripe, StripeSettings, SyncSubscription, cancel, change_plan, checkout, checkout_returned, forget_events,
        invoices, is_ready, overview, payment_details, portal, preview_change, receive, set_up, sweep_subscriptions,
        sync, undo_cancel,
    },
    warn::TellUsage,
};
#[cfg(feature = "server")]
pub(crate) use self::{
    apply::{apply, changes},
    entitlements::{entitlements_in, told_here},
    hold::{TakeIn, count_bytes, forget, hold, hold_what_fits, release, take_in},
    ledger::{Charge, ChargedBefore, charge, charges_of, check, credit_back},
    limits::{check_members, check_retention},
    store::{CustomerIds, customer, next_revision, set_customer, subscription},
    stripe::leave,
};
