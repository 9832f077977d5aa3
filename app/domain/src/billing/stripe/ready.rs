//! Whether Stripe is there.

use super::form::Form;
use crate::Services;

/// Whether Stripe answers and takes the key; not, where nothing is sold.
pub async fn is_ready(services: &Services) -> bool {
    match &services.stripe {
        Some(stripe) => stripe.get("/v1/prices", &Form::new().with("limit", 1_i64)).await.is_ok(),
        None => false,
    }
}
