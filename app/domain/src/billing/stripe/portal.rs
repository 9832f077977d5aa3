//! Stripe's own pages for the card, the address and the VAT number, and all invoices.

use super::{Stripe, client::once, customer, failure::Failure, form::Form, json::Read};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    error::{Error, Result},
};

/// What the configuration is known by: another one would be made under another name.
pub(super) const NAME: &str = "portal_v1";

const KNOWN: &str = "portal";

/// Answers the address of the page, which is good for some minutes. "Conflict" where the workspace never bought anything.
pub async fn portal(services: &Services, member: &Member) -> Result<String> {
    member.require(Action::ManageBilling)?;
    let stripe = Stripe::of(services)?;
    let known = customer::require(services, member).await?;
    let mut form = Form::new()
        .with("customer", &known.customer)
        .with("return_url", format!("{}/settings/billing", services.settings.public_url));
    if let Some(configuration) = find(stripe).await? {
        form.set("configuration", configuration);
    }
    // Each visit is another one, also while nothing changes between them: a page that was left is not opened again.
    let visit = format!("portal/{}", services.clock.id::<uuid::Uuid>());
    let session =
        stripe.post("/v1/billing_portal/sessions", &form, &once(member.tenant, &visit, known.revision, &form)).await?;
    let page = session.text("/url").ok_or_else(|| Error::internal("stripe: a portal without a page"))?.to_owned();
    let mut tx = services.db.tenant(member).await?;
    audit::record(&mut tx, &services.clock, Act::PortalOpened, member.tenant.0).await?;
    tx.commit().await?;
    Ok(page)
}

/// The configuration that `set_up` has made, if it has. It is remembered.
pub(super) async fn find(stripe: &Stripe) -> Result<Option<String>, Failure> {
    if let Some(id) = stripe.known(KNOWN) {
        return Ok(Some(id));
    }
    let form = Form::new().with("active", true).with("limit", 100);
    let found = stripe.get("/v1/billing_portal/configurations", &form).await?;
    let ours = found.list("/data").iter().find(|one| one.text("/metadata/sheaf") == Some(NAME));
    let id = ours.and_then(|one| one.text("/id")).map(str::to_owned);
    if let Some(id) = &id {
        stripe.keep(KNOWN, id);
    }
    Ok(id)
}
