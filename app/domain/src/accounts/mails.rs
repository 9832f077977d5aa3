//! The mails about an account. Each is kept in the transaction of what it is about, and sent by a job.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;

use super::{
    Email, home, recovery,
    sign_up::VERIFY_TTL,
    store::{self, KnownAccount},
};
use crate::{
    Services,
    billing::Picked,
    db::TenantTx,
    error::Result,
    id::{AccountId, MailId},
    mail::{self, Message},
};

/// Asks a new account to prove its address. A plan that was picked goes along with the link, and is offered after it.
pub(super) async fn verify_address(
    services: &Services,
    tx: &mut TenantTx,
    account: AccountId,
    email: &Email,
    name: &str,
    picked: Option<Picked>,
) -> Result<()> {
    let token = issue(services, tx, account, "verify_email", VERIFY_TTL).await?;
    let picked = picked.map(|picked| format!("&{}", picked.query())).unwrap_or_default();
    let message = Message {
        recipient: email.as_str().into(),
        subject: "Confirm your address for Sheaf".into(),
        greeting: format!("Hello {name},"),
        paragraphs: vec![
            "Someone, we hope you, signed up for Sheaf with this address. Confirm it to open your workspace.".into(),
            "The link is good for 24 hours. If it was not you, ignore this mail: nothing will happen.".into(),
        ],
        action: Some(("Confirm my address".into(), link(services, "verify", &token) + &picked)),
    };
    send(services, tx, message).await
}

/// Sends the link again to an account that signs in or signs up before it proved its address.
pub(super) async fn verify_again(
    services: &Services,
    account: &KnownAccount,
    email: &Email,
    picked: Option<Picked>,
) -> Result<()> {
    let mut tx = home::open_for_mail(services, account.id).await?;
    verify_address(services, &mut tx, account.id, email, &account.name, picked).await?;
    tx.commit().await
}

/// Tells the owner of an address that somebody tried to sign up with it. A plan that was picked goes along with the way in.
pub(super) async fn already_signed_up(
    services: &Services,
    account: &KnownAccount,
    email: &Email,
    picked: Option<Picked>,
) -> Result<()> {
    let mut tx = home::open_for_mail(services, account.id).await?;
    let picked = picked.map(|picked| format!("?{}", picked.query())).unwrap_or_default();
    let message = Message {
        recipient: email.as_str().into(),
        subject: "You have a Sheaf account already".into(),
        greeting: format!("Hello {},", account.name),
        paragraphs: vec![
            "Someone, perhaps you, tried to sign up for Sheaf with this address. It has an account already, so nothing was \
             changed."
                .into(),
        ],
        action: Some(("Sign in".into(), format!("{}/sign-in{picked}", services.settings.public_url))),
    };
    send(services, &mut tx, message).await?;
    tx.commit().await
}

/// Sends a link to choose a new password.
pub(super) async fn reset_password(services: &Services, account: &KnownAccount, email: &Email) -> Result<()> {
    let mut tx = home::open_for_mail(services, account.id).await?;
    let token = issue(services, &mut tx, account.id, "reset_password", recovery::RESET_TTL).await?;
    let message = Message {
        recipient: email.as_str().into(),
        subject: "Choose a new password for Sheaf".into(),
        greeting: format!("Hello {},", account.name),
        paragraphs: vec![
            "Someone, we hope you, asked for a new password. The link is good for one hour.".into(),
            "If it was not you, ignore this mail: your password stays as it is.".into(),
        ],
        action: Some(("Choose a new password".into(), link(services, "reset-password", &token))),
    };
    send(services, &mut tx, message).await?;
    tx.commit().await
}

/// Lets whoever reads it choose the password of an account whose address nobody has proved, which proves it.
pub(super) async fn choose_password(
    services: &Services,
    tx: &mut TenantTx,
    account: AccountId,
    email: &Email,
    name: &str,
) -> Result<()> {
    let token = issue(services, tx, account, "reset_password", recovery::RESET_TTL).await?;
    let message = Message {
        recipient: email.as_str().into(),
        subject: "Choose a password for Sheaf".into(),
        greeting: format!("Hello {name},"),
        paragraphs: vec![
            "Someone, we hope you, signed up for Sheaf with this address. It was done before with another password, and the \
             address was never confirmed, so neither password is good."
                .into(),
            "Choose one to confirm your address and open your workspace. The link is good for one hour. If it was not you, \
             ignore this mail: nothing will happen."
                .into(),
        ],
        action: Some(("Choose a password".into(), link(services, "reset-password", &token))),
    };
    send(services, tx, message).await
}

async fn issue(
    services: &Services,
    tx: &mut TenantTx,
    account: AccountId,
    purpose: &str,
    ttl: TimeDelta,
) -> Result<String> {
    let token = URL_SAFE_NO_PAD.encode(services.clock.random::<32>());
    let now = services.clock.now();
    store::insert_email_token(tx.identity(), &token, account, purpose, now, now + ttl).await?;
    Ok(token)
}

async fn send(services: &Services, tx: &mut TenantTx, message: Message) -> Result<()> {
    // Each of these mails is sent because somebody asked just now, so no two of them are the same.
    let key = format!("account/{}", services.clock.id::<MailId>());
    mail::send_first(services, tx, &key, message).await?;
    Ok(())
}

fn link(services: &Services, page: &str, token: &str) -> String {
    format!("{}/{page}?token={token}", services.settings.public_url)
}
