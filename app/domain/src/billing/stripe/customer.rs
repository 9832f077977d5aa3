//! Making a workspace known to Stripe.

use super::{Stripe, client::once, form::Form, json::Read, store};
use crate::{
    Services,
    actor::{Member, System},
    billing::{self, CustomerIds},
    db::TenantTx,
    error::{Error, Result},
    tenants,
};

/// What an act begins with.
pub(super) struct Known {
    pub customer: String,
    /// How often Stripe was asked about the tenant: the version that the act finds.
    pub revision: i64,
}

/// The customer that the workspace is; none where it is not known to Stripe yet.
pub(super) async fn find(services: &Services, member: &Member) -> Result<Option<Known>> {
    let mut tx = services.db.tenant(member).await?;
    let known = known(&mut tx).await?;
    tx.commit().await?;
    Ok(known)
}

/// The customer that the workspace is. "Conflict" where it never bought anything.
pub(super) async fn require(services: &Services, member: &Member) -> Result<Known> {
    let known = find(services, member).await?;
    known.ok_or_else(|| Error::conflict("This workspace has no plan that it pays for. Choose one first."))
}

/// The same, and makes it known where it is not, or where somebody at Stripe has deleted it: under the owner's address, to whom
/// bills are sent until somebody says otherwise, and with its own name.
pub(super) async fn find_or_make(services: &Services, stripe: &Stripe, member: &Member) -> Result<Known> {
    let mut tx = services.db.tenant(member).await?;
    let (found, name) = (known(&mut tx).await?, tenants::name(&mut tx).await?);
    let email = tenants::owner_email(&mut tx).await?;
    tx.commit().await?;
    let mut gone = None;
    if let Some(known) = found {
        if is_there(stripe, &known.customer).await? {
            return Ok(known);
        }
        gone = Some(known.customer);
    }
    let mut form = Form::new().with("name", name).with("metadata[tenant_id]", member.tenant);
    if let Some(email) = email {
        form.set("email", email);
    }
    // Two owners who begin at once make one, and one in the place of each that is gone.
    let act = format!("customer/{}", gone.as_deref().unwrap_or_default());
    let made = stripe.post("/v1/customers", &form, &once(member.tenant, &act, 0, &form)).await?;
    let customer = made["id"].as_str().ok_or_else(|| Error::internal("stripe: a customer without an id"))?;
    keep(services, member, customer, gone.as_deref()).await
}

/// Has the next act be another one, though it asks for the same: under the same key Stripe would answer for a day what it answered
/// before.
pub(super) async fn count_on(services: &Services, member: &Member) -> Result<()> {
    let mut tx = services.db.tenant(&System::for_tenant(member.tenant)).await?;
    billing::next_revision(&mut tx).await?;
    tx.commit().await
}

/// False too for one that was deleted, of which Stripe still tells that.
async fn is_there(stripe: &Stripe, customer: &str) -> Result<bool> {
    match stripe.get(&format!("/v1/customers/{customer}"), &Form::new()).await {
        Ok(found) => Ok(!found.flag("/deleted")),
        Err(failure) if failure.is_missing() => Ok(false),
        Err(failure) => Err(failure.into()),
    }
}

async fn keep(services: &Services, member: &Member, customer: &str, gone: Option<&str>) -> Result<Known> {
    let mut tx = services.db.tenant(member).await?;
    // Whoever was first is right, and has it already.
    if known(&mut tx).await?.is_none_or(|known| Some(known.customer.as_str()) == gone) {
        billing::set_customer(&mut tx, customer).await?;
    }
    let known = known(&mut tx).await?;
    tx.commit().await?;
    known.ok_or_else(|| Error::internal("stripe: a customer was not kept"))
}

async fn known(tx: &mut TenantTx) -> Result<Option<Known>> {
    let Some(CustomerIds { customer, .. }) = billing::customer(tx).await? else { return Ok(None) };
    Ok(Some(Known { customer, revision: store::revision(tx).await? }))
}
