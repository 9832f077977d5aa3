//! The mails about a workspace.

use chrono::{DateTime, Utc};

use super::{Zone, store};
use crate::{
    Services,
    db::TenantTx,
    error::Result,
    mail::{self, Message},
};

/// Tells every owner that the workspace will be deleted, and how to keep it. The day is that of the workspace's own time zone, as
/// its pages tell it: by another one, a workspace could be gone on the evening before.
pub(super) async fn deletion_asked(
    services: &Services,
    tx: &mut TenantTx,
    name: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    let zone = Zone::of(&store::settings(tx).await?.time_zone, services.clock.now());
    let day = zone.local(at).format("%-d %B %Y").to_string();
    for owner in store::owners(tx).await? {
        let key = format!("deletion/{}/{}", at.timestamp(), owner.account);
        let message = Message {
            recipient: owner.email,
            subject: format!("{name} will be deleted on {day}"),
            greeting: format!("Hello {},", owner.name),
            paragraphs: vec![
                format!(
                    "An owner of the workspace {name} has asked for it to be deleted. On {day} everything in it goes for \
                     good: documents, reports, members and the audit log."
                ),
                "Until then it works as always, and every owner can undo this.".into(),
            ],
            action: Some(("Open the settings".into(), format!("{}/settings/workspace", services.settings.public_url))),
        };
        mail::send(services, tx, &key, message).await?;
    }
    Ok(())
}
