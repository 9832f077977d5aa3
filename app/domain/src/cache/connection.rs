//! The way to Redis, which is given up for a while where it leads nowhere: nobody waits for a Redis that does not answer.

use std::{
    fmt,
    sync::{
        Arc, RwLock, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use redis::{
    ErrorKind, FromRedisValue, IntoConnectionInfo, Pipeline, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig, PubSub},
    io::tcp::TcpSettings,
};
use tokio::time::{Instant, sleep, timeout};

use super::doubts::Doubts;
use crate::{
    error::{Error, Result},
    metrics,
};

/// Longer than a healthy Redis ever takes, even on a loaded machine, and short enough for a request to wait.
const TIMEOUT: Duration = Duration::from_millis(200);

/// What was sent and is not acknowledged for so long goes nowhere: the machine at the other end is gone, and nobody has said so. A
/// new connection is made then, where the system would try the old one for a quarter of an hour.
const DEAD: Duration = Duration::from_secs(2);

/// An answer that takes longer is worth nothing: the database would have been faster.
const SLOW: Duration = Duration::from_millis(50);

/// Failures and slow answers in a row, after which nobody asks any more.
const STRIKES: u32 = 3;

/// Between two looks whether Redis is there again.
const PROBED_EVERY: Duration = Duration::from_millis(500);

/// Redis, as long as it answers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connection {
    client: redis::Client,
    manager: Arc<RwLock<ConnectionManager>>,
    breaker: Arc<Breaker>,
    /// Whenever the next answer may come from another Redis than the last one.
    pub(super) doubts: Arc<Doubts>,
}

/// Closed while all is well; open after a few failures. Only a probe of ours goes through then, so that no request waits for
/// what will probably fail.
#[derive(Default)]
struct Breaker {
    strikes: AtomicU32,
    is_open: AtomicBool,
}

/// Why Redis was of no use.
#[derive(Debug)]
pub(super) enum Away {
    /// It was not even asked.
    Open,
    Late,
    Failed(RedisError),
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("it was away a moment ago"),
            Self::Late => write!(f, "no answer within {} ms", TIMEOUT.as_millis()),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl Away {
    /// Whether it says something of the way to Redis. An error that Redis answers with (it is full, or can only be read)
    /// comes at once and costs nobody time.
    fn is_a_strike(&self) -> bool {
        match self {
            Self::Open => false,
            Self::Late => true,
            Self::Failed(error) => !matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension),
        }
    }

    /// Whether the connection is over, so that the next one may lead elsewhere.
    fn breaks(&self) -> bool {
        self.is_a_strike() && matches!(self, Self::Failed(error) if !error.is_timeout())
    }
}

impl Connection {
    /// It does not wait for Redis to be there.
    pub fn open(url: &str) -> Result<Self> {
        let wrong = |error: RedisError| Error::internal(format!("redis url: {error}"));
        let tcp = TcpSettings::default().set_nodelay(true).set_user_timeout(DEAD);
        let server = url.into_connection_info().map_err(wrong)?.set_tcp_settings(tcp);
        let client = redis::Client::open(server).map_err(wrong)?;
        let manager = manager_of(&client).map_err(wrong)?;
        metrics::CACHE_BREAKER.set(0.0, metrics::NO_LABELS);
        Ok(Self { client, manager: Arc::new(RwLock::new(manager)), breaker: Arc::default(), doubts: Arc::default() })
    }

    /// What these commands answer, within 200 ms; at once that Redis is away, where it was a moment ago.
    pub async fn ask<T: FromRedisValue>(&self, commands: &Pipeline) -> std::result::Result<T, Away> {
        if self.breaker.is_open.load(Ordering::Acquire) {
            return Err(Away::Open);
        }
        let begun = Instant::now();
        let answer = self.ask_anyway(commands).await;
        match &answer {
            Ok(_) if begun.elapsed() > SLOW => {
                self.strike(&format!("{} ms for an answer", begun.elapsed().as_millis()));
            }
            Err(away) if away.is_a_strike() => self.strike(&away.to_string()),
            _ => self.breaker.strikes.store(0, Ordering::Relaxed),
        }
        answer
    }

    /// The same for what is not asked by anybody who could do without: also of a Redis that was away a moment ago.
    pub async fn ask_anyway<T: FromRedisValue>(&self, commands: &Pipeline) -> std::result::Result<T, Away> {
        let mut manager = self.manager.read().expect("no thread panics while it holds this lock").clone();
        let answer = match timeout(TIMEOUT, commands.query_async(&mut manager)).await {
            Ok(answer) => answer.map_err(Away::Failed),
            Err(_) => Err(Away::Late),
        };
        if answer.as_ref().is_err_and(Away::breaks) {
            self.doubts.raise();
        }
        answer
    }

    /// Whether it answers now.
    pub async fn is_there(&self) -> bool {
        self.ask_anyway::<(String,)>(redis::pipe().cmd("PING")).await.is_ok()
    }

    /// A connection that hears what is published.
    pub async fn listen(&self, channel: &str) -> std::result::Result<PubSub, Away> {
        let listening = async {
            let mut listener = self.client.get_async_pubsub().await?;
            listener.subscribe(channel).await?;
            Ok(listener)
        };
        timeout(TIMEOUT * 5, listening).await.map_err(|_| Away::Late)?.map_err(Away::Failed)
    }

    fn strike(&self, why: &str) {
        let strikes = self.breaker.strikes.fetch_add(1, Ordering::AcqRel) + 1;
        if strikes < STRIKES || self.breaker.is_open.swap(true, Ordering::AcqRel) {
            return;
        }
        tracing::warn!(error = why, "redis is away; each process counts and remembers for itself");
        metrics::CACHE_BREAKER.set(1.0, metrics::NO_LABELS);
        tokio::spawn(probe(
            self.client.clone(),
            Arc::downgrade(&self.manager),
            self.breaker.clone(),
            self.doubts.clone(),
        ));
    }
}

fn manager_of(client: &redis::Client) -> std::result::Result<ConnectionManager, RedisError> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(TIMEOUT))
        .set_number_of_retries(1);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

/// Closes the breaker once Redis answers as fast as it should. It ends with whoever would ask. Each look is by a connection of its
/// own, which then takes the place of the one before: that may lead to a machine which takes everything and answers nothing.
async fn probe(
    client: redis::Client,
    manager: Weak<RwLock<ConnectionManager>>,
    breaker: Arc<Breaker>,
    doubts: Arc<Doubts>,
) {
    loop {
        sleep(PROBED_EVERY).await;
        let Some(manager) = manager.upgrade() else { return };
        let Ok(mut new) = manager_of(&client) else { continue };
        let ping = redis::cmd("PING");
        // The first one connects.
        let mut is_there = true;
        for patience in [TIMEOUT, SLOW] {
            let pinged = timeout(patience, ping.query_async::<String>(&mut new)).await;
            is_there = is_there && pinged.is_ok_and(|answer| answer.is_ok());
        }
        if is_there {
            *manager.write().expect("no thread panics while it holds this lock") = new;
            // Before anybody asks it.
            doubts.raise();
            breaker.strikes.store(0, Ordering::Release);
            breaker.is_open.store(false, Ordering::Release);
            metrics::CACHE_BREAKER.set(0.0, metrics::NO_LABELS);
            tracing::info!("redis is there again");
            return;
        }
    }
}
