//! A small pool of SMTP connections. lettre's own pool leaves Nagle's algorithm on: a mail then waits some 50 ms for a
//! delayed acknowledgement, which is 19 mails a second on a connection instead of thousands.

use std::{borrow::Cow, sync::Arc, time::Duration};

use lettre::{
    address::Envelope,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use tokio::{
    net::TcpStream,
    sync::{Mutex, Semaphore},
    time::timeout,
};
use url::Url;

use crate::error::{Error, Result};

/// Connections at once. Servers commonly allow ten from one client.
const MAX_CONNECTIONS: usize = 4;

/// With the greeting, and TLS. A job that fails comes back by itself.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an idle connection has to say that it still leads to the server.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

const SEND_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct SmtpPool {
    server: Arc<Server>,
    idle: Arc<Mutex<Vec<AsyncSmtpConnection>>>,
    permits: Arc<Semaphore>,
}

struct Server {
    host: String,
    port: u16,
    tls_from_the_start: bool,
    credentials: Option<Credentials>,
}

impl SmtpPool {
    pub(super) fn new(url: &Url) -> Result<Self> {
        let tls_from_the_start = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            other => return Err(Error::internal(format!("an SMTP address begins with smtp or smtps, not {other}"))),
        };
        let host = url.host_str().ok_or_else(|| Error::internal("an SMTP address names a host"))?.to_owned();
        let credentials = credentials_of(url)?;
        let port = url.port().unwrap_or(if tls_from_the_start { 465 } else { 587 });
        Ok(Self {
            server: Arc::new(Server { host, port, tls_from_the_start, credentials }),
            idle: Arc::default(),
            permits: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        })
    }

    pub(super) async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<()> {
        let _permit = self.permits.acquire().await.map_err(Error::internal)?;
        let mut connection = self.connection().await?;
        let sent = timeout(SEND_TIMEOUT, connection.send(envelope, message)).await;
        let error = match sent {
            Ok(Ok(_)) => {
                self.idle.lock().await.push(connection);
                return Ok(());
            }
            Ok(Err(error)) => error,
            Err(_) => return Err(Error::unavailable("smtp: the server took too long")),
        };
        if error.is_permanent() {
            let message = format!("The mail server refused this mail: {error}.");
            return Err(Error::invalid("recipient", message).with_context(error));
        }
        let mut away = Error::unavailable(format!("smtp: {error}"));
        // What the server answered helps whoever waits for the mail; how we failed to reach it helps the operator alone.
        away.message = match error.status() {
            Some(_) => format!("The mail server asked to try again later: {error}."),
            None => "The mail server could not be reached.".into(),
        };
        Err(away)
    }

    pub(super) async fn is_ready(&self) -> bool {
        match self.connection().await {
            Ok(connection) => {
                self.idle.lock().await.push(connection);
                true
            }
            Err(_) => false,
        }
    }

    /// An idle connection that still answers, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection> {
        loop {
            let Some(mut idle) = self.idle.lock().await.pop() else { break };
            if idle.has_broken() {
                continue;
            }
            match timeout(ANSWER_TIMEOUT, idle.test_connected()).await {
                Ok(true) => return Ok(idle),
                Ok(false) => {}
                // The others were made on the same way, and each would be waited for.
                Err(_) => self.idle.lock().await.clear(),
            }
        }
        timeout(CONNECT_TIMEOUT, self.server.connect())
            .await
            .map_err(|_| Error::unavailable("smtp: no answer to connect"))?
    }
}

impl Server {
    async fn connect(&self) -> Result<AsyncSmtpConnection> {
        let away = |error: &dyn std::fmt::Display| Error::unavailable(format!("smtp: {error}"));
        let hello = ClientId::default();
        let mut connection = if self.tls_from_the_start {
            let tls = TlsParameters::new(self.host.clone()).map_err(|error| away(&error))?;
            let server = (self.host.as_str(), self.port);
            AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT_TIMEOUT), &hello, Some(tls), None).await
        } else {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|error| away(&error))?;
            stream.set_nodelay(true).map_err(|error| away(&error))?;
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await
        }
        .map_err(|error| away(&error))?;
        if connection.can_starttls() {
            let tls = TlsParameters::new(self.host.clone()).map_err(|error| away(&error))?;
            connection.starttls(tls, &hello).await.map_err(|error| away(&error))?;
        }
        if let Some(credentials) = &self.credentials {
            if !connection.is_encrypted() && !is_loopback(&self.host) {
                return Err(Error::internal("smtp: the server offers no TLS, and a password is not sent without it"));
            }
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await.map_err(|error| away(&error))?;
        }
        Ok(connection)
    }
}

/// None without a password. What has a meaning of its own in an address is written there as its code: a name that is a mail address
/// has `%40` in it, and the server knows it by `@`.
fn credentials_of(url: &Url) -> Result<Option<Credentials>> {
    let Some(password) = url.password() else { return Ok(None) };
    let plain = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8().map(Cow::into_owned);
        decoded.map_err(|error| Error::internal(format!("name and password of an SMTP address: {error}")))
    };
    Ok(Some(Credentials::new(plain(url.username())?, plain(password)?)))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_told_name_and_password_as_they_are() {
        let told = |address: &str| credentials_of(&Url::parse(address).unwrap()).unwrap();
        let ada = |password: &str| Some(Credentials::new("ada@acme.example".into(), password.into()));
        assert!(told("smtps://ada%40acme.example:a%2Fb+c%3D@mail.example") == ada("a/b+c="));
        // An address is taken with these as they are, too, and writes them down as their codes.
        assert!(told("smtps://ada@acme.example:p=w;d@mail.example") == ada("p=w;d"));
        assert!(told("smtp://127.0.0.1:25").is_none());
    }
}
