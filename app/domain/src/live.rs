//! What changes, told at once: a NOTIFY in the transaction of the change, one LISTEN a server, and a stream a browser.

use std::{
    collections::BTreeSet,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::Stream;
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::broadcast, time::timeout};
use tokio_stream::{StreamExt, wrappers::BroadcastStream};

use crate::{
    cache::Epochs,
    db::{Db, SystemTx, TenantTx},
    error::{Error, Result},
    id::{AccountId, TenantId},
};

const CHANNEL: &str = "sheaf_changes";

/// Changes kept for a browser that is slow to read. One that falls behind is told to look again.
const BACKLOG: usize = 1_024;

/// Accounts in one NOTIFY: a payload has fewer than 8,000 bytes, and an account takes 33 of them.
const ACCOUNTS_AT_ONCE: usize = 100;

/// After so long without a word, the connection that listens is asked whether it still leads anywhere: where the other machine is
/// gone, nobody says so to somebody who only listens.
pub(crate) const SILENCE: Duration = Duration::from_secs(30);

/// It has so long to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Of what concerns no tenant. Ids are never made like this.
pub(crate) const NO_TENANT: TenantId = TenantId(uuid::Uuid::nil());

/// Who is told of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// Every member of the tenant.
    Everybody,
    Only(BTreeSet<AccountId>),
}

impl Audience {
    /// These and those.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(mut accounts), Self::Only(others)) => {
                accounts.extend(others);
                Self::Only(accounts)
            }
            _ => Self::Everybody,
        }
    }

    fn includes(&self, account: AccountId) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(accounts) => accounts.contains(&account),
        }
    }

    /// As payloads say it: `*`, or some accounts with commas between. Several for many, none for nobody.
    fn to_texts(&self) -> Vec<String> {
        match self {
            Self::Everybody => vec!["*".into()],
            Self::Only(accounts) => {
                let accounts: Vec<String> = accounts.iter().map(|AccountId(id)| id.simple().to_string()).collect();
                accounts.chunks(ACCOUNTS_AT_ONCE).map(|some| some.join(",")).collect()
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everybody);
        }
        text.split(',').map(|id| AccountId::from_str(id).ok()).collect::<Option<_>>().map(Self::Only)
    }
}

/// The kind of thing that changed, and which. It says nothing else: whoever is told asks for it as usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub tenant: TenantId,
    /// `document`, `report`, `mail`, `export`, `member` (also an invitation), `api_key`, `tenant` (its settings, its logo, and its
    /// end), `billing` (the plan, the bills, and what was used), `job` (work of the tenant, whose id it then is), or `everything`,
    /// also after a gap.
    pub kind: String,
    pub id: String,
    pub audience: Audience,
}

/// One LISTEN connection for the whole process.
#[derive(Clone)]
pub struct Live {
    changes: broadcast::Sender<Change>,
    is_listening: Arc<AtomicBool>,
}

impl Live {
    /// Starts to listen in a task of its own, for as long as the process lives. A connection that breaks is made anew.
    /// What it hears of is not answered from memory any more.
    pub fn start(db: &Db) -> Self {
        let (changes, _) = broadcast::channel(BACKLOG);
        let live = Self { changes, is_listening: db.listens().clone() };
        tokio::spawn(live.clone().listen(db.sessions().clone(), db.epochs().clone()));
        live
    }

    /// The changes of one tenant that an account is told of, from now on. After a gap it yields a change of kind
    /// `everything`.
    pub fn subscribe(&self, tenant: TenantId, account: AccountId) -> impl Stream<Item = Change> + Send + use<> {
        BroadcastStream::new(self.changes.subscribe()).filter_map(move |received| match received {
            Ok(change) if change.kind == "gap" => Some(everything(tenant)),
            Ok(change) => (change.tenant == tenant && change.audience.includes(account)).then_some(change),
            Err(_) => Some(everything(tenant)),
        })
    }

    /// Whether changes are heard of at this moment. Without, whoever looks asks again by themselves.
    pub fn is_listening(&self) -> bool {
        self.is_listening.load(Ordering::Relaxed)
    }

    /// What concerns the servers themselves and no tenant, from now on; with `everything` after a gap.
    pub fn subscribe_server(&self) -> impl Stream<Item = Change> + Send + use<> {
        self.subscribe(NO_TENANT, AccountId(uuid::Uuid::nil()))
    }

    async fn listen(self, pool: PgPool, epochs: Epochs) {
        let mut closed = pool.close_event();
        // Without connections Sheaf ends: that is no failure, and there is nobody left to tell.
        while let Ok(ended) = closed.do_until(self.listen_once(&pool, &epochs)).await {
            if let Err(error) = ended
                && !pool.is_closed()
            {
                tracing::warn!(error = %error, "not listening for changes; trying again");
            }
            self.is_listening.store(false, Ordering::Relaxed);
            self.miss(&epochs);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.is_listening.store(false, Ordering::Relaxed);
    }

    /// Whatever was announced meanwhile is lost, so everybody looks again.
    fn miss(&self, epochs: &Epochs) {
        epochs.bump_all();
        let gap = Change { kind: "gap".into(), ..everything(NO_TENANT) };
        // Nobody is watching: that is no failure.
        self.changes.send(gap).ok();
    }

    async fn listen_once(&self, pool: &PgPool, epochs: &Epochs) -> Result<()> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        // Of what changed while nobody listened, nobody hears.
        self.miss(epochs);
        self.is_listening.store(true, Ordering::Relaxed);
        loop {
            let heard = match timeout(SILENCE, listener.try_recv()).await {
                Ok(heard) => heard?,
                Err(_) => {
                    probe(&mut listener).await?;
                    continue;
                }
            };
            let Some(notification) = heard else {
                // Its connection broke, and it has made another one by itself.
                self.miss(epochs);
                continue;
            };
            if let Some(change) = parse(notification.payload()) {
                epochs.bump(change.tenant, &change.kind);
                // Nobody is watching: that is no failure.
                self.changes.send(change).ok();
            }
        }
    }
}

/// Fails where a connection that listens leads nowhere any more.
pub(crate) async fn probe(listener: &mut PgListener) -> Result<()> {
    let asked = sqlx::query!("select 1 as one").fetch_one(listener);
    timeout(ANSWER, asked).await.map_err(|_| Error::unavailable("the listener is cut off"))??;
    Ok(())
}

/// Announces a change to every member; it is told when the transaction commits, and not if it does not.
pub async fn announce(tx: &mut TenantTx, kind: &'static str, id: impl std::fmt::Display) -> Result<()> {
    announce_to(tx, kind, id, &Audience::Everybody).await
}

/// Announces a change to those who may know of it.
pub async fn announce_to(
    tx: &mut TenantTx,
    kind: &'static str,
    id: impl std::fmt::Display,
    audience: &Audience,
) -> Result<()> {
    tx.note_change(kind);
    for accounts in audience.to_texts() {
        let payload = format!("{}:{kind}:{accounts}:{id}", tx.id());
        sqlx::query!("select pg_notify($1, $2)", CHANNEL, payload).execute(tx.conn()).await?;
    }
    Ok(())
}

/// Announces to every server what concerns no tenant; it is told when the transaction commits.
pub(crate) async fn announce_to_servers(tx: &mut SystemTx, kind: &str, id: &str) -> Result<()> {
    let payload = format!("{NO_TENANT}:{kind}:*:{id}");
    sqlx::query!("select pg_notify($1, $2)", CHANNEL, payload).execute(tx.conn()).await?;
    Ok(())
}

/// Announces that work of these tenants has changed. It comes from a worker, which is in no tenant's transaction; what it says
/// is that somebody may look.
pub(crate) async fn announce_jobs(pool: &PgPool, tenants: &BTreeSet<TenantId>) -> Result<()> {
    let payloads: Vec<String> = tenants.iter().map(|tenant| format!("{tenant}:job:*:{tenant}")).collect();
    sqlx::query!("select pg_notify($1, payload) from unnest($2::text[]) as payload", CHANNEL, &payloads)
        .execute(pool)
        .await?;
    Ok(())
}

fn parse(payload: &str) -> Option<Change> {
    let mut parts = payload.splitn(4, ':');
    let tenant = TenantId::from_str(parts.next()?).ok()?;
    let kind = parts.next()?.into();
    let audience = Audience::parse(parts.next()?)?;
    Some(Change { tenant, kind, id: parts.next()?.into(), audience })
}

fn everything(tenant: TenantId) -> Change {
    Change { tenant, kind: "everything".into(), id: String::new(), audience: Audience::Everybody }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn accounts(count: u128) -> Audience {
        Audience::Only((1..=count).map(|number| AccountId(Uuid::from_u128(number))).collect())
    }

    #[test]
    fn an_audience_is_told_whole_in_payloads_that_are_short_enough() {
        let told = accounts(250);
        let texts = told.to_texts();
        assert_eq!(texts.len(), 3);
        assert!(texts.iter().all(|text| text.len() < 7_500));
        let parts = texts.iter().map(|text| Audience::parse(text).unwrap());
        assert_eq!(parts.reduce(Audience::and), Some(told));
        assert!(accounts(0).to_texts().is_empty(), "nobody is told anything");
    }

    #[test]
    fn what_is_for_some_is_for_nobody_else() {
        let tenant = TenantId(Uuid::from_u128(7));
        let change = parse(&format!("{tenant}:document:{}:a:b", accounts(1).to_texts()[0])).unwrap();
        assert_eq!((change.kind.as_str(), change.id.as_str()), ("document", "a:b"));
        assert!(change.audience.includes(AccountId(Uuid::from_u128(1))));
        assert!(!change.audience.includes(AccountId(Uuid::from_u128(2))));
        assert!(accounts(1).and(Audience::Everybody).includes(AccountId(Uuid::from_u128(2))));
        assert_eq!(parse(&format!("{tenant}:document::id")), None, "a payload without an audience is told to nobody");
    }
}
