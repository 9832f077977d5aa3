//! Links to files that are good for a few minutes, for whoever has them: for an office suite, a reader, or a command, which have no
//! cookie of ours.
//!
//! What a link says is sealed, as addresses are passed on: nobody who has it learns the ids in it, and nobody makes one up. It is
//! followed as the person who made it, in the session in which they did, by what they may at that moment. So it ends where they lose
//! the document, their place in the workspace or their session, where the workspace is suspended, and in any case with its time.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Document, FileLink, LinkedFile, listing::look_up, store};
use crate::{
    Services, accounts,
    actor::{Action, Member, Role},
    billing::Standing,
    error::{Error, ErrorKind, Result},
    id::{AccountId, DocumentId, SessionId, TenantId},
};

/// How long a link is good for: enough to hand it to another program, and as long as an access token.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(5);

/// No token of ours is longer; anything longer is refused before it is looked at.
const MAX_TOKEN_BYTES: usize = 1_024;

/// What is sealed for this opens for nothing else.
const PURPOSE: &str = "a link to a file";

/// What is sealed. The names are short, as an address has them.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// In seconds since 1970.
    #[serde(rename = "u")]
    until: i64,
    #[serde(rename = "t")]
    tenant: TenantId,
    #[serde(rename = "a")]
    account: AccountId,
    #[serde(rename = "s")]
    session: SessionId,
    /// The account's session version when the link was made.
    #[serde(rename = "v")]
    session_version: i32,
    #[serde(rename = "d")]
    document: DocumentId,
    /// Of the original, in hexadecimal: a link is to these bytes and no others.
    #[serde(rename = "h")]
    sha256: String,
    #[serde(rename = "f")]
    file: LinkedFile,
}

/// Where a link leads.
pub struct Followed {
    /// Whoever made the link, as they are now.
    pub member: Member,
    pub document: Document,
    pub file: LinkedFile,
    pub until: DateTime<Utc>,
}

/// Makes a link to a file of a document that is not in the trash. Support makes none: it would outlive the visit.
pub async fn link(services: &Services, member: &Member, id: DocumentId, file: LinkedFile) -> Result<FileLink> {
    member.require(Action::ReadDocuments)?;
    member.require_account()?;
    let mut tx = services.db.tenant(member).await?;
    let document = store::find(&mut tx, id).await?;
    let session_version = accounts::session_version(&mut tx, member.account).await?;
    tx.commit().await?;
    if !has(&document, file) {
        return Err(Error::not_found());
    }
    let until = services.clock.now() + GOOD_FOR;
    let sealed = Sealed {
        until: until.timestamp(),
        tenant: member.tenant,
        account: member.account,
        session: member.session,
        session_version,
        document: id,
        sha256: document.sha256.clone(),
        file,
    };
    let sealed = services.keys.seal(&serde_json::to_string(&sealed)?, PURPOSE)?;
    Ok(FileLink { token: URL_SAFE_NO_PAD.encode(sealed), name: file.name(&document), until })
}

/// Where this token and name lead, for a request from this address. "Not found" whatever is wrong with them, so that nobody is told
/// why; fails otherwise only where it cannot be found out.
pub async fn follow(services: &Services, token: &str, name: &str, from: Option<IpAddr>) -> Result<Followed> {
    let sealed = open(services, token).ok_or_else(Error::not_found)?;
    let found = find(services, &sealed, from).await.map_err(|error| match error.kind {
        ErrorKind::Unavailable | ErrorKind::Internal => error,
        _ => Error::not_found(),
    })?;
    let is_same = found.document.sha256 == sealed.sha256 && has(&found.document, sealed.file);
    if is_same && sealed.file.name(&found.document) == name { Ok(found) } else { Err(Error::not_found()) }
}

async fn find(services: &Services, sealed: &Sealed, from: Option<IpAddr>) -> Result<Followed> {
    let maker = maker(sealed, from);
    // The database says it of now: what a server remembers of a session may be two seconds old.
    let profile = accounts::profile_of(services, &maker, sealed.session_version).await?;
    if profile.is_shut_out() {
        return Err(Error::not_found());
    }
    let member = Member { role: profile.role, standing: profile.billing.standing, ..maker };
    let document = look_up(services, &member, sealed.document).await?;
    let until = DateTime::from_timestamp(sealed.until, 0).ok_or_else(Error::not_found)?;
    Ok(Followed { member, document, file: sealed.file, until })
}

/// None for what we have not sealed, and for what is over.
fn open(services: &Services, token: &str) -> Option<Sealed> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
    let sealed: Sealed = serde_json::from_str(&services.keys.open(&sealed, PURPOSE)?).ok()?;
    (services.clock.now().timestamp() < sealed.until).then_some(sealed)
}

/// Whose link it is, with the least role that there is, until the database has said which.
fn maker(sealed: &Sealed, from: Option<IpAddr>) -> Member {
    let (tenant, account, session) = (sealed.tenant, sealed.account, sealed.session);
    Member {
        tenant,
        account,
        session,
        role: Role::Viewer,
        from,
        support: None,
        through: None,
        standing: Standing::Good,
    }
}

/// Whether there is such a file. What lies in the trash is on its way out.
fn has(document: &Document, file: LinkedFile) -> bool {
    let pages = document.pages.and_then(|pages| u32::try_from(pages).ok()).unwrap_or_default();
    document.trashed_at.is_none()
        && match file {
            LinkedFile::Original => true,
            LinkedFile::Page(number) => document.has_images && (1..=pages).contains(&number),
        }
}
