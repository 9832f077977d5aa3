//! Stripe: what is sold there, who buys it, and what it tells.
//!
//! The client is our own, and small: the typed crates for Stripe refuse what another version of its API answers, have neither a
//! limit of time nor keys against doing things twice, and cost minutes of compiling. Here answers are read as JSON, by the
//! paths of the few fields that are needed, in the version that `client` pins.
//!
//! No request of a person asks Stripe what a workspace may do: that is answered from a copy in the table `subscription`. The copy
//! is made by `sync`, which asks for all that Stripe has of a customer and keeps it. An event only says that it is time to
//! ask; so events may come twice, late, in another order or not at all, and those that were lost are made up for by
//! `sweep_subscriptions`, which counts what it finds so (`sheaf_entitlement_drift_total`). What a person changes here is changed at
//! Stripe first, and then asked for as well.
//!
//! Stripe has to send the events `customer.*`, `customer.subscription.*`, `checkout.session.completed`, `invoice.*` and
//! `subscription_schedule.*` to `/stripe/webhook`; others are kept and nothing follows from them. A key needs to write
//! customers, checkout sessions, portal sessions and their configurations, subscriptions and their schedules, products,
//! prices and meters with their events, and to read invoices and promotion codes.

#[cfg(test)]
mod calls;
mod cancel;
mod change;
mod checkout;
mod client;
mod customer;
mod event;
mod failure;
mod forget;
mod form;
mod inbox;
mod invoices;
mod jobs;
mod json;
mod live;
mod meter;
mod overview;
mod payment;
mod portal;
mod prices;
mod ready;
mod schedule;
mod setup;
mod signature;
mod store;
mod sync;

use crate::{
    Services,
    error::{Error, Result},
};

pub(crate) use self::{
    cancel::leave,
    meter::{credits_on_invoices, credits_on_meter, send_meter_event},
};
pub use self::{
    cancel::{cancel, undo_cancel},
    change::{change_plan, preview_change},
    checkout::{checkout, checkout_returned},
    client::{Stripe, StripeSettings},
    forget::forget_events,
    inbox::receive,
    invoices::invoices,
    jobs::{SyncSubscription, sweep_subscriptions},
    overview::overview,
    payment::payment_details,
    portal::portal,
    ready::is_ready,
    setup::set_up,
    sync::sync,
};

impl Stripe {
    /// "Not found" where nothing is sold here.
    fn of(services: &Services) -> Result<&Self> {
        services.stripe.as_ref().ok_or_else(|| Error::not_found().with_context("there is no billing here"))
    }
}
