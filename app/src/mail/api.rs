//! The server functions of mail, for members who may read mail or have it sent again.

use domain::{activity::Begun, id::MailId, mail::UndeliveredMail};
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{routes, session};

/// The workspace's mails that failed and were not sent since, newest first.
#[server(name = ListUndelivered, prefix = "/api", endpoint = "mail/undelivered", input = Json)]
pub async fn undelivered_mail() -> Result<Vec<UndeliveredMail>, AppError> {
    let (services, member) = session::member()?;
    session::answered(domain::mail::undelivered(&services, &member).await)
}

/// Has a mail that was given up sent again, says which job sends it, and leads a plain form back to the list.
#[server(name = SendMailAgain, prefix = "/api", endpoint = "mail/send_again")]
pub async fn send_mail_again(mail: MailId) -> Result<Begun, AppError> {
    let (services, member) = session::member()?;
    let job = session::answered(domain::mail::send_again(&services, &member, mail).await)?;
    session::accepted(Some(job));
    session::lead_on(routes::SETTINGS_MAIL);
    Ok(Begun::one(job))
}
