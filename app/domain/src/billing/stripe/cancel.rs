//! Ending a subscription with the month that is paid, and taking that back.

use serde_json::json;

use super::{
    Stripe,
    change::{finish, subscribed, update},
    customer::Known,
    form::Form,
    live::{self, Ending, LiveSubscription},
    schedule,
};
use crate::{
    Services,
    actor::{Action, Member, System},
    audit::Act,
    billing,
    error::{Error, ErrorKind, Result},
    id::TenantId,
};

/// Ends the subscription when the month that is paid is over; until then everything works. "Conflict" where there is none.
pub async fn cancel(services: &Services, member: &Member) -> Result<()> {
    member.require(Action::ManageBilling)?;
    let stripe = Stripe::of(services)?;
    let (known, live) = subscribed(services, stripe, member).await?;
    end_with_period(stripe, member, &known, &live).await?;
    finish(services, member, Act::CancelAsked, json!({})).await
}

/// Lets the subscription go on as it is: it does not end, and becomes no cheaper one. "Conflict" where nothing of that was asked
/// for, or not any more.
pub async fn undo_cancel(services: &Services, member: &Member) -> Result<()> {
    member.require(Action::ManageBilling)?;
    let stripe = Stripe::of(services)?;
    let (known, live) = subscribed(services, stripe, member).await?;
    // A schedule stays for a month after what it changed.
    if live.ending == Ending::No && live.next_price.is_none() {
        return Err(Error::conflict("Your plan goes on as it is. There is nothing to take back."));
    }
    schedule::release(stripe, member.tenant, known.revision, &live).await?;
    if live.ending != Ending::No {
        let mut form = Form::new();
        go_on(&mut form, live.ending);
        update(stripe, member, &known, &live, "go_on", &form).await?;
    }
    finish(services, member, Act::CancelUndone, json!({})).await
}

/// Ends what a workspace pays for, at once: it is about to be deleted, and nobody pays for what is gone. What was used beyond the
/// included credits is billed with that. Fails where Stripe is away; then the workspace is there a little longer.
pub(crate) async fn leave(services: &Services, tenant: TenantId) -> Result<()> {
    let Some(stripe) = &services.stripe else { return Ok(()) };
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    let ids = billing::customer(&mut tx).await?;
    tx.commit().await?;
    let Some(ids) = ids else { return Ok(()) };
    let subscriptions = live::subscriptions(stripe, &ids.customer).await?;
    if let Some(live) = &subscriptions.live {
        tell_last_use(services, tenant).await?;
        end_now(stripe, &live.id, &Form::new().with("invoice_now", true)).await?;
    }
    for id in &subscriptions.more {
        end_now(stripe, id, &Form::new()).await?;
    }
    Ok(())
}

/// What Stripe does not take keeps nobody from leaving.
async fn tell_last_use(services: &Services, tenant: TenantId) -> Result<()> {
    match billing::roll_up_of(services, tenant).await {
        Err(error) if !error.is(ErrorKind::Unavailable) => {
            tracing::error!(tenant.id = %tenant, error = %error, "the last use of a workspace is billed to nobody");
            Ok(())
        }
        told => told.map(|_| ()),
    }
}

async fn end_now(stripe: &Stripe, subscription: &str, form: &Form) -> Result<()> {
    match stripe.delete(&format!("/v1/subscriptions/{subscription}"), form).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_missing() => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}

pub(super) async fn end_with_period(
    stripe: &Stripe,
    member: &Member,
    known: &Known,
    live: &LiveSubscription,
) -> Result<()> {
    schedule::release(stripe, member.tenant, known.revision, live).await?;
    let form = Form::new().with("cancel_at_period_end", true);
    update(stripe, member, known, live, "cancel", &form).await
}

/// Takes back the end that was asked for, in the words in which it was.
pub(super) fn go_on(form: &mut Form, ending: Ending) {
    match ending {
        Ending::No => {}
        Ending::WithPeriod => form.set("cancel_at_period_end", false),
        Ending::At(_) => form.set("cancel_at", ""),
    }
}
