//! What Stripe keeps, each object with the form in which it is answered. A field that Sheaf could ask for and that is always empty
//! here is answered empty, as Stripe does; what only other products of Stripe know is left out.

mod checkout;
mod clock;
mod coupon;
mod customer;
mod event;
mod invoice;
mod invoice_item;
mod meter;
mod payment_method;
mod portal;
mod price;
mod product;
mod schedule;
mod subscription;

pub use checkout::{CheckoutSession, SessionStatus};
pub use clock::TestClock;
pub use coupon::{Coupon, Discount, Duration, PromotionCode};
pub use customer::{Customer, TaxId};
pub use event::{Endpoint, Event};
pub use invoice::{Invoice, InvoiceStatus, Line};
pub use invoice_item::InvoiceItem;
pub use meter::{Meter, Usage};
pub use payment_method::{CARDS, Outcome, PaymentMethod};
pub use portal::{PortalConfiguration, PortalSession};
pub use price::Price;
pub use product::Product;
pub use schedule::{Phase, PhaseItem, Schedule, ScheduleStatus};
pub use subscription::{Debit, Item, Status, Subscription};

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What a program keeps at an object.
pub type Metadata = BTreeMap<String, String>;

/// A list that is all there is.
pub fn list(url: &str, data: Vec<Value>) -> Value {
    json!({ "object": "list", "data": data, "has_more": false, "url": url })
}
