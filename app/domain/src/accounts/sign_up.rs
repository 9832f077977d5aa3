//! Making an account and its workspace.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Email, Password, home, limits, mails, sessions,
    store::{self, KnownAccount},
};
use crate::{
    Services,
    actor::{InTenant, Role},
    audit::{self, Act},
    billing::Picked,
    db::SystemTx,
    error::{Error, Result},
    id::{AccountId, TenantId},
    insights::{self, ProductEvent},
    tenants,
};

/// How long the link in the mail is good.
pub(super) const VERIFY_TTL: TimeDelta = TimeDelta::hours(24);

const MAX_NAME_CHARACTERS: usize = 100;

/// What the form says.
#[derive(Debug)]
pub struct SignUp {
    pub name: String,
    pub workspace: String,
    pub email: Email,
    pub password: Password,
    /// Offered first, once the address is proved.
    pub picked: Option<Picked>,
}

impl SignUp {
    /// Checks all fields and fails with the first that is wrong. No plan is picked.
    pub fn parse(name: &str, workspace: &str, email: &str, password: &str) -> Result<Self> {
        Ok(Self {
            name: parse_name("name", name, "Enter your name.")?,
            workspace: parse_name("workspace", workspace, "Enter a name for your workspace.")?,
            email: Email::parse(email)?,
            password: Password::choose(password)?,
            picked: None,
        })
    }
}

/// Makes an account with a workspace, and mails a link that proves the address. An address that has an account already
/// gets a mail that says so; the answer and its time are the same, as each takes one hash.
pub async fn sign_up(services: &Services, form: SignUp, address: &str) -> Result<()> {
    limits::check(services, "sign_up", &form.email, address).await?;
    let mut system = services.db.system().await?;
    let known = store::find_by_email(&mut system, &form.email).await?;
    system.commit().await?;
    match known {
        Some(account) if account.verified => {
            services.passwords.check(&form.password, None).await?;
            mails::already_signed_up(services, &account, &form.email, form.picked).await
        }
        Some(account) => sign_up_again(services, &account, &form).await,
        None => {
            let hash = services.passwords.hash(&services.clock, &form.password).await?;
            let made = make(services, &form, &hash, address.parse().ok()).await;
            match made {
                // Somebody signed up with this address a moment ago: the same answer as for a known one.
                Err(error) if error.is(crate::ErrorKind::Conflict) => Ok(()),
                other => other.map(|_| ()),
            }
        }
    }
}

/// Makes a verified account with a workspace at once, without a mail: for the seed and the tests.
pub async fn make_account(services: &Services, form: SignUp) -> Result<(AccountId, TenantId)> {
    let hash = services.passwords.hash(&services.clock, &form.password).await?;
    let (account, tenant) = make(services, &form, &hash, None).await?;
    let mut system = services.db.system().await?;
    store::mark_verified(&mut system, account, services.clock.now()).await?;
    system.commit().await?;
    Ok((account, tenant))
}

/// Redeems the token of the mail: the address is proved, and the browser is signed in.
pub async fn verify_email(
    services: &Services,
    token: &str,
    user_agent: &str,
    address: &str,
) -> Result<sessions::SignedIn> {
    let mut system = services.db.system().await?;
    let now = services.clock.now();
    let account = store::redeem_email_token(&mut system, token, "verify_email", now).await?.ok_or_else(|| {
        Error::invalid("token", "This link was used already or is too old. Sign in to get a new one.")
    })?;
    store::mark_verified(&mut system, account, now).await?;
    system.commit().await?;
    sessions::start(services, account, None, user_agent, address.parse().ok()).await
}

/// Whoever makes a workspace, before there is a session.
struct Founder {
    tenant: TenantId,
    account: AccountId,
    from: Option<IpAddr>,
}

impl InTenant for Founder {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    fn from(&self) -> Option<IpAddr> {
        self.from
    }
}

/// Makes an account for an address that a mail has proved, without a workspace: the caller's transaction brings it into one.
pub(crate) async fn insert_verified(
    tx: &mut SystemTx,
    account: AccountId,
    email: &Email,
    name: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    store::insert_account(tx, account, email, name, hash, now).await?;
    store::mark_verified(tx, account, now).await
}

/// For an address that nobody has proved. The same password is the same person's, who gets the link again. With another one,
/// whoever came first may be a stranger, who waits for the owner of the address to prove it for them: so neither password is good
/// from here on, nor a link that was mailed, and whoever reads the mail chooses one.
async fn sign_up_again(services: &Services, account: &KnownAccount, form: &SignUp) -> Result<()> {
    if services.passwords.check(&form.password, Some(&account.password_hash)).await?.is_right() {
        return mails::verify_again(services, account, &form.email, form.picked).await;
    }
    let mut tx = home::open_for_mail(services, account.id).await?;
    store::void_email_tokens(tx.identity(), account.id, "verify_email", services.clock.now()).await?;
    mails::choose_password(services, &mut tx, account.id, &form.email, &form.name).await?;
    let nobodys = services.passwords.nobodys();
    if store::forget_password(tx.identity(), account.id, &form.name, nobodys).await? {
        return tx.commit().await;
    }
    // It was proved a moment ago.
    drop(tx);
    mails::already_signed_up(services, account, &form.email, form.picked).await
}

async fn make(services: &Services, form: &SignUp, hash: &str, from: Option<IpAddr>) -> Result<(AccountId, TenantId)> {
    let (account, tenant): (AccountId, TenantId) = (services.clock.id(), services.clock.id());
    let now = services.clock.now();
    let mut tx = services.db.tenant(&Founder { tenant, account, from }).await?;
    store::insert_account(tx.identity(), account, &form.email, &form.name, hash, now).await?;
    tenants::found(&mut tx, &form.workspace, account, Role::Owner, now).await?;
    mails::verify_address(services, &mut tx, account, &form.email, &form.name, form.picked).await?;
    insights::note(services, &mut tx, ProductEvent::SignedUp).await?;
    audit::record(&mut tx, &services.clock, Act::TenantMade, tenant.0).await?;
    tx.commit().await?;
    Ok((account, tenant))
}

/// A name of a person or a workspace as it was typed, without what cannot be seen. Fails with the field.
pub(crate) fn parse_name(field: &str, text: &str, missing: &str) -> Result<String> {
    let seen: String = text.chars().filter(|c| !c.is_control()).collect();
    let name = seen.trim();
    if name.is_empty() {
        return Err(Error::invalid(field, missing));
    }
    if name.chars().count() > MAX_NAME_CHARACTERS {
        return Err(Error::invalid(field, format!("Use at most {MAX_NAME_CHARACTERS} characters.")));
    }
    Ok(name.to_owned())
}
