//! The mails about bills, to every owner. Each is kept in the transaction of what it is about, once.

use chrono::{DateTime, Utc};

use super::{Entitlements, Standing, Subscription, grouped, trial_mails::what_free_allows, warn::Gauge};
use crate::{
    Services,
    db::TenantTx,
    error::Result,
    mail::{self, Message},
    tenants,
};

/// What a mail says, whoever gets it. `[workspace]` stands for the name of the workspace.
pub(super) struct Letter {
    /// Where it is the same, no second mail is sent to anybody.
    pub key: String,
    pub subject: &'static str,
    pub paragraphs: Vec<String>,
}

/// Tells how the workspace stands with its bills now that this has changed.
pub(super) async fn standing_changed(
    services: &Services,
    tx: &mut TenantTx,
    subscription: &Subscription,
    standing: Standing,
) -> Result<()> {
    let since = subscription.unpaid_since.unwrap_or_else(|| services.clock.now());
    let until = standing.worsens_at(subscription.unpaid_since).map(day).unwrap_or_default();
    let (subject, paragraphs) = match standing {
        // It stands well again because there is nothing to pay any more, and not because somebody has paid.
        Standing::Good if !subscription.status.is_subscribed() => (
            "The plan of [workspace] has ended",
            vec![
                "The plan of the workspace [workspace] has ended while a payment for it was missing. So the workspace is on the \
                 Free plan now, and can be changed again."
                    .into(),
                what_free_allows(),
            ],
        ),
        Standing::Good => (
            "The payment for [workspace] has arrived",
            vec!["The payment for the workspace [workspace] has arrived, and everything works as always. Thank you.".into()],
        ),
        Standing::Grace => (
            "A payment for [workspace] has failed",
            vec![
                format!(
                    "The payment for the workspace [workspace] could not be collected. Everything works as always until \
                     {until}. From then on the workspace can be read and exported, and nothing in it can be changed."
                ),
                "Please look whether the card is still good, or pay the open invoice.".into(),
            ],
        ),
        Standing::ReadOnly => (
            "[workspace] can only be read until it is paid",
            vec![
                format!(
                    "A payment for the workspace [workspace] has been missing for a while. So it can be read and exported, \
                     and nothing in it can be changed. On {until} it will be closed."
                ),
                "Nothing is deleted. As soon as the payment arrives, everything works again.".into(),
            ],
        ),
        Standing::Suspended => (
            "[workspace] is closed until it is paid",
            vec![
                "A payment for the workspace [workspace] is still missing. So it is closed: nobody can work in it, but an \
                 owner can pay, or take everything out as an archive, under Settings, Export."
                    .into(),
                "Nothing was deleted. As soon as the payment arrives, everything works again.".into(),
            ],
        ),
    };
    let key = format!("payment/{}/{}", since.timestamp(), standing.as_str());
    send(services, tx, Letter { key, subject, paragraphs }).await
}

/// Tells that this many per cent of the month's page credits are used: 80 or 100.
pub(super) async fn credits_used(
    services: &Services,
    tx: &mut TenantTx,
    entitlements: &Entitlements,
    gauge: &Gauge,
    percent: i32,
) -> Result<()> {
    let (used, allowed) = (number(gauge.used), number(gauge.credits(entitlements)));
    let renewed = day(gauge.period_end);
    let subject = match percent {
        100 => "[workspace] has used all its page credits of this month",
        _ => "[workspace] has used most of its page credits of this month",
    };
    let more = match entitlements.sells_credits() {
        true => "An owner can raise the cap of the month, or choose a larger plan.",
        false => "An owner can choose a larger plan.",
    };
    let paragraphs = vec![
        format!("The workspace [workspace] has used {used} of the {allowed} page credits of this month."),
        format!("Documents for which none are left wait until new ones come on {renewed}. {more}"),
    ];
    let key = format!("usage/credits/{percent}/{}/{}", gauge.credits(entitlements), gauge.period_start.timestamp());
    send(services, tx, Letter { key, subject, paragraphs }).await
}

/// Tells that this many per cent of the storage are used: 80 or 100.
pub(super) async fn storage_used(
    services: &Services,
    tx: &mut TenantTx,
    entitlements: &Entitlements,
    gauge: &Gauge,
    percent: i32,
) -> Result<()> {
    let allowed = entitlements.limits.storage_bytes;
    let subject = match percent {
        100 => "The storage of [workspace] is full",
        _ => "The storage of [workspace] is nearly full",
    };
    let paragraphs = vec![
        format!(
            "The documents of the workspace [workspace] take {} of the {} GB that its plan has room for.",
            in_gigabytes(gauge.stored_bytes),
            allowed / 1_000_000_000
        ),
        "What does not fit is not taken. Room is made by deleting documents for good, and a larger plan has more."
            .into(),
    ];
    let key = format!("usage/storage/{percent}/{allowed}/{}", gauge.period_start.timestamp());
    send(services, tx, Letter { key, subject, paragraphs }).await
}

/// Sends it to every owner.
pub(super) async fn send(services: &Services, tx: &mut TenantTx, letter: Letter) -> Result<()> {
    let workspace = tenants::name(tx).await?;
    let named = |text: &str| text.replace("[workspace]", &workspace);
    for owner in tenants::owners(tx).await? {
        let message = Message {
            recipient: owner.email,
            subject: named(letter.subject),
            greeting: format!("Hello {},", owner.name),
            paragraphs: letter.paragraphs.iter().map(|paragraph| named(paragraph)).collect(),
            action: Some(("Open the billing".into(), format!("{}/settings/billing", services.settings.public_url))),
        };
        mail::send(services, tx, &format!("{}/{}", letter.key, owner.account), message).await?;
    }
    Ok(())
}

/// As in "5 December 2026".
pub(super) fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

pub(super) fn number(count: i64) -> String {
    grouped(count.max(0).unsigned_abs())
}

/// With one place behind the point, rounded down.
fn in_gigabytes(bytes: i64) -> String {
    let bytes = bytes.max(0);
    format!("{}.{}", bytes / 1_000_000_000, bytes / 100_000_000 % 10)
}
