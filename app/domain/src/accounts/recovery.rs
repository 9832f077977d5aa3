//! A forgotten password, and a changed one.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;

use super::{Email, Password, hashing::Verdict, limits, mails, store};
use crate::{
    Services,
    actor::Member,
    audit::{self, Act},
    error::{Error, Result},
};

/// How long the link in the mail is good.
pub(super) const RESET_TTL: TimeDelta = TimeDelta::hours(1);

/// How long the answer takes for a known address and an unknown one. To keep a mail takes some milliseconds, which would tell.
const ANSWERED_AFTER: Duration = Duration::from_millis(200);

/// Mails a link to choose a new password, if the address has an account. The answer is the same if it has none, and takes as long.
pub async fn forgot_password(services: &Services, email: &str, address: &str) -> Result<()> {
    let email = Email::parse(email)?;
    limits::check(services, "forgot_password", &email, address).await?;
    let (mailed, ()) = tokio::join!(mail_link(services, &email), sleep(ANSWERED_AFTER));
    mailed
}

/// Sets a new password with the token of the mail and ends every session.
pub async fn reset_password(services: &Services, token: &str, password: &str) -> Result<()> {
    let too_old = || Error::invalid("token", "This link was used already or is too old. Ask for a new one.");
    let password = Password::choose(password)?;
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let is_good = store::is_good_email_token(&mut system, token, "reset_password", now).await?;
    system.commit().await?;
    // A hash is dear, and there is no account here whose attempts could be counted: so nobody has one made without a link.
    if !is_good {
        return Err(too_old());
    }
    let hash = services.passwords.hash(&services.clock, &password).await?;
    let mut system = services.db.system().await?;
    let account = store::redeem_email_token(&mut system, token, "reset_password", now).await?.ok_or_else(too_old)?;
    store::set_password_hash(&mut system, account, &hash).await?;
    store::end_all_sessions(&mut system, account, now).await?;
    // Whoever can read the mail has proved the address.
    store::mark_verified(&mut system, account, now).await?;
    system.commit().await
}

/// Sets a new password for whoever knows the old one, and ends every other session.
pub async fn change_password(services: &Services, member: &Member, old: &str, new: &str) -> Result<()> {
    let account = member.require_account()?;
    let password = Password::choose(new).map_err(|error| Error::invalid("new_password", error.message))?;
    limits::check_account(services, "change_password", account).await?;
    let mut system = services.db.system().await?;
    let kept = store::password_hash(&mut system, account).await?;
    system.commit().await?;
    let wrong = || Error::invalid("old_password", "This is not your password.");
    if services.passwords.check(&Password::given(old), Some(&kept)).await? == Verdict::Wrong {
        return Err(wrong());
    }
    let hash = services.passwords.hash(&services.clock, &password).await?;
    let mut tx = services.db.tenant(member).await?;
    // Whoever has chosen a new one by a mail meanwhile keeps it.
    if !store::replace_password_hash(tx.identity(), account, &kept, &hash).await? {
        return Err(wrong());
    }
    store::end_other_sessions(tx.identity(), account, member.session, services.clock.now()).await?;
    audit::record(&mut tx, &services.clock, Act::PasswordChanged, account.0).await?;
    tx.commit().await
}

async fn mail_link(services: &Services, email: &Email) -> Result<()> {
    let mut system = services.db.system().await?;
    let account = store::find_by_email(&mut system, email).await?;
    system.commit().await?;
    match account {
        Some(account) => mails::reset_password(services, &account, email).await,
        None => Ok(()),
    }
}
