//! The way in for operators, and what they are known by afterwards.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;

use super::{Operator, TotpSecret, limits, people, store};
use crate::{
    Services,
    accounts::{Email, Password},
    error::{Error, ErrorKind, Result},
    id::OperatorSessionId,
};

/// How long a session lasts, however much it is used.
pub const SESSION_TTL: TimeDelta = TimeDelta::hours(12);

/// How long it lasts without being used. The migration of operators says it too.
const IDLE_TTL: TimeDelta = TimeDelta::minutes(30);

/// Nothing longer is an address; it is not even looked at.
const MAX_EMAIL_CHARACTERS: usize = 254;

/// What the form and the request say.
pub struct SignIn<'a> {
    pub email: &'a str,
    pub password: &'a str,
    /// Six digits; blanks between them do no harm.
    pub code: &'a str,
    pub from: Option<IpAddr>,
}

/// Starts a session and returns its token. Whichever part is wrong, the answer is the same, and takes as long.
pub async fn sign_in(services: &Services, form: SignIn<'_>) -> Result<String> {
    let typed: String = form.email.trim().chars().take(MAX_EMAIL_CHARACTERS).collect();
    let address = form.from.map(|address| address.to_string()).unwrap_or_default();
    limits::check(services, &typed, &address).await?;
    let known = find(services, &typed).await?;
    let hash = known.as_ref().map(|known| known.password_hash.as_str());
    let verdict = services.passwords.check(&Password::given(form.password), hash).await?;
    let code: String = form.code.chars().filter(|c| !c.is_whitespace()).take(7).collect();
    let secret = match &known {
        Some(known) => people::open_secret(services, known.id, &known.totp_sealed)?,
        None => TotpSecret::new(services.clock.random()),
    };
    let step = secret.step_of(&code, services.clock.now());
    match (known, step) {
        (Some(known), Some(step)) if verdict.is_right() => start(services, &known, step, form.from).await,
        _ => Err(wrong()),
    }
}

/// The operator whose session this token stands for, which counts as used by this; else "unauthenticated".
pub async fn authenticate(services: &Services, token: &str, from: Option<IpAddr>) -> Result<Operator> {
    let secret = parse(token).ok_or_else(Error::unauthenticated)?;
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let seen = store::see_session(&mut system, &secret, now, now - IDLE_TTL).await?;
    system.commit().await?;
    let seen = seen.ok_or_else(Error::unauthenticated)?;
    Ok(Operator { id: seen.operator, session: seen.session, name: seen.name, email: seen.email, from, secret })
}

/// Ends the session, and with it the visits that were begun in it.
pub async fn sign_out(services: &Services, operator: &Operator) -> Result<()> {
    let mut system = services.db.system().await?;
    store::end_session(&mut system, operator.session, services.clock.now()).await?;
    system.commit().await
}

async fn find(services: &Services, typed: &str) -> Result<Option<store::KnownOperator>> {
    let Ok(email) = Email::parse(typed) else { return Ok(None) };
    let mut system = services.db.system().await?;
    let known = store::find_by_email(&mut system, &email).await?;
    system.commit().await?;
    Ok(known)
}

/// Uses up the code and starts the session, in one transaction.
async fn start(services: &Services, known: &store::KnownOperator, step: i64, from: Option<IpAddr>) -> Result<String> {
    let secret = services.clock.random::<32>();
    let session = services.clock.id::<OperatorSessionId>();
    let (operator, now) = (known.id, services.clock.now());
    let mut system = services.db.system().await?;
    // Whoever uses the code second has seen it typed; and a code of a secret that was replaced meanwhile is no code any more.
    if !store::use_step(&mut system, known, step).await? {
        return Err(wrong());
    }
    store::insert_session(&mut system, session, operator, &secret, now, now + SESSION_TTL).await?;
    let act = store::Act { operator, act: "operator.signed_in", subject: None, reason: None, from };
    store::record(&mut system, &services.clock, &act).await?;
    system.commit().await?;
    Ok(URL_SAFE_NO_PAD.encode(secret))
}

fn parse(token: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()
}

fn wrong() -> Error {
    Error::new(ErrorKind::Invalid, "That e-mail address, password and code do not belong together.")
}
