//! The page of a workspace's plan.

use super::Stripe;
use crate::{
    Services,
    actor::{Action, Member},
    billing::{self, BillingOverview},
    error::Result,
};

/// All of it from our own tables: it is there while Stripe is away.
pub async fn overview(services: &Services, member: &Member) -> Result<BillingOverview> {
    member.require(Action::ReadBilling)?;
    let meter = billing::meter(services, member).await?;
    let mut tx = services.db.tenant(member).await?;
    let subscription = billing::subscription(&mut tx).await?;
    tx.commit().await?;
    let is_sold = services.stripe.is_some();
    Ok(BillingOverview {
        subscription,
        meter,
        is_test_mode: services.stripe.as_ref().is_some_and(Stripe::is_test_mode),
        may_pay: is_sold && member.may(Action::ManageBilling),
        is_sold,
    })
}
