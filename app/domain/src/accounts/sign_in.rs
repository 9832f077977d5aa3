//! Signing in with a password.

use super::{
    Email, Password,
    hashing::Verdict,
    limits, mails,
    sessions::{self, SignedIn},
    store,
};
use crate::{
    Services,
    billing::Picked,
    error::{Error, Result},
};

/// What the form and the request say.
#[derive(Debug)]
pub struct SignIn<'a> {
    pub email: &'a str,
    pub password: &'a str,
    /// The network address it comes from.
    pub address: &'a str,
    pub user_agent: &'a str,
    /// Offered first, once the address is proved; whoever has proved it already is led there by the door.
    pub picked: Option<Picked>,
}

/// Starts a session. A wrong password and an unknown address give the same answer in the same time.
pub async fn sign_in(services: &Services, form: SignIn<'_>) -> Result<SignedIn> {
    let wrong = || Error::invalid("email", "That e-mail address and password do not belong together.");
    let email = Email::parse(form.email)?;
    limits::check(services, "sign_in", &email, form.address).await?;
    let mut system = services.db.system().await?;
    let account = store::find_by_email(&mut system, &email).await?;
    system.commit().await?;
    let password = Password::given(form.password);
    let verdict = services.passwords.check(&password, account.as_ref().map(|account| &*account.password_hash)).await?;
    let account = account.filter(|_| verdict != Verdict::Wrong).ok_or_else(wrong)?;
    if !account.verified {
        mails::verify_again(services, &account, &email, form.picked).await?;
        return Err(Error::invalid("email", "Please confirm your address first. We have sent you a new link."));
    }
    let mut kept = account.password_hash;
    if verdict == Verdict::RightButOld {
        let hash = services.passwords.hash(&services.clock, &password).await?;
        let mut system = services.db.system().await?;
        // Where it is another one by now, no session begins with it.
        store::replace_password_hash(&mut system, account.id, &kept, &hash).await?;
        system.commit().await?;
        kept = hash;
    }
    sessions::start(services, account.id, Some(&kept), form.user_agent, form.address.parse().ok()).await
}
