//! The mails to those who are asked to come, and to those who are taken out. Each is kept in the transaction of what it is
//! about.

use super::{MemberInfo, token::InviteToken};
use crate::{
    Services,
    actor::Role,
    db::TenantTx,
    error::Result,
    id::{InviteId, MailId},
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

/// Mails the link of an invitation.
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

/// Tells somebody that they are in the workspace no more, and who has taken them out.
pub(super) async fn removed(services: &Services, tx: &mut TenantTx, whom: &MemberInfo, by: &MemberInfo) -> Result<()> {
    let workspace = tenants::name(tx).await?;
    let message = Message {
        recipient: whom.email.clone(),
        subject: format!("You are not in {workspace} on Sheaf any more"),
        greeting: format!("Hello {},", whom.name),
        paragraphs: vec![
            format!("{} has removed you from “{workspace}”. You see nothing of this workspace any more.", by.name),
            "What you uploaded and made there stays, and your account and your other workspaces are as they were. If this \
             is a mistake, ask to be invited again."
                .into(),
        ],
        action: None,
    };
    // Whoever is invited again may be removed again, and is told again.
    let key = format!("removal/{}", services.clock.id::<MailId>());
    mail::send(services, tx, &key, message).await?;
    Ok(())
}
