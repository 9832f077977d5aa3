//! The mail of an invitation, kept in the transaction that makes its secret.

use super::token::InviteToken;
use crate::{
    Services,
    actor::Role,
    db::TenantTx,
    error::Result,
    id::InviteId,
    mail::{self, Message},
    tenants,
};

/// Who invites whom, and which mail of this invitation it is.
pub(super) struct Letter<'a> {
    pub invite: InviteId,
    /// From 1.
    pub number: i32,
    pub to: &'a str,
    pub role: Role,
    /// The name of whoever invites.
    pub from: &'a str,
}

pub(super) async fn send(
    services: &Services,
    tx: &mut TenantTx,
    letter: Letter<'_>,
    token: &InviteToken,
) -> Result<()> {
    let workspace = tenants::name(tx).await?;
    let Letter { invite, number, to, role, from } = letter;
    let message = Message {
        recipient: to.to_owned(),
        subject: format!("{from} invites you to {workspace} on Sheaf"),
        greeting: "Hello,".into(),
        paragraphs: vec![
            format!("{from} invites you to work in “{workspace}” on Sheaf. Your role there: {}.", role.label()),
            "The link is good for seven days, for you alone. If you do not know why you get this, ignore this mail: \
             nothing will happen."
                .into(),
        ],
        action: Some((
            "Open the invitation".into(),
            format!("{}/invite?token={}", services.settings.public_url, token.to_text()),
        )),
    };
    mail::send(services, tx, &format!("invite/{invite}/{number}"), message).await?;
    Ok(())
}
