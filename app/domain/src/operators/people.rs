//! Adding operators and taking them away, which only the command line does: it signs in as the owner of the schema, and no
//! server may.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use super::{TotpSecret, store};
use crate::{
    Services,
    accounts::{Email, Password},
    error::{Error, Result},
    id::OperatorId,
};

const MAX_NAME_CHARACTERS: usize = 100;

/// What an operator signs in with. It is shown once.
pub struct Credentials {
    pub email: String,
    /// None where the one they have stays.
    pub password: Option<String>,
    pub secret: TotpSecret,
}

/// An operator as the list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorInfo {
    pub email: String,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// Makes an operator with a password and a secret of their own.
pub async fn add(services: &Services, email: &str, name: &str) -> Result<Credentials> {
    let email = Email::parse(email)?;
    let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARACTERS {
        return Err(Error::invalid("name", format!("Give a name of at most {MAX_NAME_CHARACTERS} characters.")));
    }
    let password = URL_SAFE_NO_PAD.encode(services.clock.random::<18>());
    let hash = services.passwords.hash(&services.clock, &Password::choose(&password)?).await?;
    let secret = TotpSecret::new(services.clock.random());
    let operator = services.clock.id::<OperatorId>();
    let new = store::NewOperator {
        id: operator,
        email: email.as_str(),
        name: &name,
        password_hash: &hash,
        totp_sealed: seal_secret(services, operator, &secret)?,
        now: services.clock.now(),
    };
    let mut system = services.db.system().await?;
    store::insert(&mut system, &new).await?;
    record(services, &mut system, operator, "operator.added").await?;
    system.commit().await?;
    Ok(Credentials { email: email.as_str().to_owned(), password: Some(password), secret })
}

/// All operators, also those that are disabled; the oldest thousand.
pub async fn list(services: &Services) -> Result<Vec<OperatorInfo>> {
    let mut system = services.db.system().await?;
    let operators = store::list(&mut system).await?;
    system.commit().await?;
    Ok(operators)
}

/// Ends the sessions and visits of an operator for good. Their acts stay on record.
pub async fn disable(services: &Services, email: &str) -> Result<()> {
    let now = services.clock.now();
    let mut system = services.db.system().await?;
    let operator = store::disable(&mut system, &Email::parse(email)?, now).await?.ok_or_else(unknown)?;
    store::end_sessions(&mut system, operator, now).await?;
    record(services, &mut system, operator, "operator.disabled").await?;
    system.commit().await
}

/// Gives an operator a new secret for their app, and ends their sessions.
pub async fn reset_totp(services: &Services, email: &str) -> Result<Credentials> {
    let email = Email::parse(email)?;
    let secret = TotpSecret::new(services.clock.random());
    let mut system = services.db.system().await?;
    let operator = store::find_by_email(&mut system, &email).await?.ok_or_else(unknown)?.id;
    store::set_totp(&mut system, operator, &seal_secret(services, operator, &secret)?).await?;
    store::end_sessions(&mut system, operator, services.clock.now()).await?;
    record(services, &mut system, operator, "operator.totp_reset").await?;
    system.commit().await?;
    Ok(Credentials { email: email.as_str().to_owned(), password: None, secret })
}

/// The secret as it is kept. It opens for this operator alone, so that nobody's can be put in the place of another's.
fn seal_secret(services: &Services, operator: OperatorId, secret: &TotpSecret) -> Result<Vec<u8>> {
    services.keys.seal(&secret.to_base32(), &purpose(operator))
}

pub(super) fn open_secret(services: &Services, operator: OperatorId, sealed: &[u8]) -> Result<TotpSecret> {
    let opened = services.keys.open(sealed, &purpose(operator));
    opened.and_then(|text| TotpSecret::from_base32(&text)).ok_or_else(|| {
        Error::internal("an operator's secret was sealed with a token key that is gone: `sheaf operator reset-totp`")
    })
}

pub(super) fn purpose(operator: OperatorId) -> String {
    format!("totp of operator {operator}")
}

async fn record(
    services: &Services,
    system: &mut crate::db::SystemTx,
    operator: OperatorId,
    act: &'static str,
) -> Result<()> {
    let act = store::Act { operator, act, subject: Some(operator.0), reason: None, from: None };
    store::record(system, &services.clock, &act).await
}

fn unknown() -> Error {
    Error::conflict("There is no operator with this address, or they are disabled.")
}
