//! What changes, told at once: a NOTIFY in the transaction of the change, one LISTEN a server, and a stream a browser.

use std::{str::FromStr, time::Duration};

use futures::Stream;
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::broadcast;
use tokio_stream::{StreamExt, wrappers::BroadcastStream};

use crate::{db::TenantTx, error::Result, id::TenantId};

const CHANNEL: &str = "sheaf_changes";

/// Changes kept for a browser that is slow to read. One that falls behind is told to look again.
const BACKLOG: usize = 1_024;

/// The kind of thing that changed, and which. It says nothing else: whoever is told asks for it as usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub tenant: TenantId,
    /// `document`, `report`, `mail`, `member` (also an invitation), or `everything` after a gap.
    pub kind: String,
    pub id: String,
}

/// One LISTEN connection for the whole process.
#[derive(Clone)]
pub struct Live {
    changes: broadcast::Sender<Change>,
}

impl Live {
    /// Starts to listen in a task of its own, for as long as the process lives. A connection that breaks is made anew.
    pub fn start(pool: PgPool) -> Self {
        let (changes, _) = broadcast::channel(BACKLOG);
        let live = Self { changes };
        tokio::spawn(live.clone().listen(pool));
        live
    }

    /// The changes of one tenant from now on. After a gap it yields a change of kind `everything`.
    pub fn subscribe(&self, tenant: TenantId) -> impl Stream<Item = Change> + Send + use<> {
        BroadcastStream::new(self.changes.subscribe()).filter_map(move |received| match received {
            Ok(change) if change.tenant == tenant || change.kind == "gap" => Some(everything_after_gap(change, tenant)),
            Ok(_) => None,
            Err(_) => Some(Change { tenant, kind: "everything".into(), id: String::new() }),
        })
    }

    async fn listen(self, pool: PgPool) {
        loop {
            if let Err(error) = self.listen_once(&pool).await {
                tracing::warn!(error = %error, "not listening for changes; trying again");
            }
            // Whatever was announced meanwhile is lost, so everybody looks again.
            let gap = Change { tenant: TenantId(uuid::Uuid::nil()), kind: "gap".into(), id: String::new() };
            self.changes.send(gap).ok();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn listen_once(&self, pool: &PgPool) -> Result<()> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        loop {
            let notification = listener.recv().await?;
            if let Some(change) = parse(notification.payload()) {
                // Nobody is watching: that is no failure.
                self.changes.send(change).ok();
            }
        }
    }
}

/// Announces a change; it is told when the transaction commits, and not if it does not.
pub async fn announce(tx: &mut TenantTx, kind: &'static str, id: impl std::fmt::Display) -> Result<()> {
    let payload = format!("{}:{kind}:{id}", tx.id());
    sqlx::query!("select pg_notify($1, $2)", CHANNEL, payload).execute(tx.conn()).await?;
    Ok(())
}

fn parse(payload: &str) -> Option<Change> {
    let mut parts = payload.splitn(3, ':');
    let tenant = TenantId::from_str(parts.next()?).ok()?;
    Some(Change { tenant, kind: parts.next()?.into(), id: parts.next()?.into() })
}

fn everything_after_gap(change: Change, tenant: TenantId) -> Change {
    if change.kind == "gap" { Change { tenant, kind: "everything".into(), ..change } } else { change }
}
