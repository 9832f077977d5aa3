//! The simulator as it runs: its state behind a lock, its clock, its faults, and the webhooks on their way.

use std::{
    collections::VecDeque,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::Value;
use tokio::{
    net::TcpListener,
    task::JoinHandle,
    time::{Duration, Instant},
};

use crate::{
    doors::router,
    engine::cycle,
    faults::{ApiFault, FaultKind},
    objects::{Endpoint, Metadata},
    state::State,
    webhooks::{Delivery, WebhookFault, signature},
};

/// How often the clock and the queue of webhooks are looked at.
const TICK: Duration = Duration::from_millis(50);

/// How long an endpoint may take to answer a webhook.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where webhooks go, and what they are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub url: String,
    pub secret: String,
}

/// How a simulator is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens; port 0 takes one that is free.
    pub address: SocketAddr,
    /// The time in seconds since 1970, which then stands still until it is moved. Without one it is the machine's, and goes on.
    pub start: Option<i64>,
    pub webhook: Option<Webhook>,
    /// Whether webhooks are sent by themselves; otherwise [`Simulator::deliver_pending`] sends them.
    pub delivers: bool,
    /// A file in which everything is kept, and found again.
    pub file: Option<PathBuf>,
    /// After how long a request that is not answered ends: longer than whoever asks waits.
    pub hangs: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            start: None,
            webhook: None,
            delivers: true,
            file: None,
            hangs: Duration::from_secs(30),
        }
    }
}

/// All that changes.
#[derive(Default)]
pub struct Inner {
    pub state: State,
    /// How far ahead of the machine's clock it is; none where time stands still.
    pub ahead: Option<i64>,
    api_faults: Vec<ApiFault>,
    webhook_faults: VecDeque<WebhookFault>,
    queue: Vec<Delivery>,
    /// The id of the newest event that was queued.
    queued: Option<String>,
    /// The number of requests, for their ids.
    pub requests: u64,
}

/// What the tasks and the handles share.
pub struct Shared {
    inner: Mutex<Inner>,
    file: Option<PathBuf>,
    client: reqwest::Client,
    pub hangs: Duration,
}

/// A simulator that listens. It ends when the last handle to it is dropped.
#[derive(Clone)]
pub struct Simulator {
    pub(crate) shared: Arc<Shared>,
    address: SocketAddr,
    _tasks: Arc<Tasks>,
}

struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Simulator {
    /// Starts listening.
    ///
    /// # Errors
    /// When the address is taken, or the file cannot be read.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.address).await?;
        let address = listener.local_addr()?;
        let mut inner = Inner::read(&options)?;
        inner.state.base = format!("http://{address}");
        if let Some(webhook) = &options.webhook {
            inner.set_webhook(&webhook.url, &webhook.secret);
        }
        let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().map_err(io::Error::other)?;
        let shared = Arc::new(Shared { inner: Mutex::new(inner), file: options.file, client, hangs: options.hangs });
        let app = router(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            // It ends with the task.
            let _ = axum::serve(listener, app).await;
        });
        let ticking = tokio::spawn(tick(Arc::clone(&shared), options.delivers));
        Ok(Self { shared, address, _tasks: Arc::new(Tasks(vec![serving, ticking])) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Shared {
    /// The state, at the time that it is now.
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().expect("no thread panics while it holds this lock");
        inner.keep_up();
        inner
    }

    /// What has to be done after a change: events become webhooks, and the file is written.
    pub fn changed(&self, inner: &mut Inner) {
        inner.queue_events();
        if let Some(file) = &self.file {
            // A simulator that cannot write goes on without its file.
            let _ = write(file, &inner.state);
        }
    }

    /// Sends what is due, or all that waits, and answers how many arrived.
    pub async fn deliver(&self, all: bool) -> usize {
        let mut arrived = 0;
        loop {
            let (next, at) = {
                let mut inner = self.lock();
                inner.queue_events();
                (inner.take_due(all), inner.signed_at())
            };
            let Some(delivery) = next else { return arrived };
            if self.send(&delivery, at).await {
                arrived += 1;
            } else if let Some(again) = delivery.again(Instant::now()).filter(|_| !all) {
                self.lock().queue.push(again);
            }
        }
    }

    async fn send(&self, delivery: &Delivery, at: i64) -> bool {
        let body = delivery.event.to_string();
        let header = signature(&delivery.secret, at, body.as_bytes());
        let request = self.client.post(&delivery.url).header("content-type", "application/json; charset=utf-8");
        let sent = request.header("stripe-signature", header).body(body).send().await;
        sent.is_ok_and(|response| response.status().is_success())
    }
}

async fn tick(shared: Arc<Shared>, delivers: bool) {
    loop {
        tokio::time::sleep(TICK).await;
        let before = shared.lock().queued.clone();
        if delivers {
            shared.deliver(false).await;
        }
        let mut inner = shared.lock();
        inner.queue_events();
        if inner.queued != before {
            shared.changed(&mut inner);
        }
    }
}

impl Inner {
    fn read(options: &Options) -> io::Result<Self> {
        let kept = match &options.file {
            Some(file) if file.exists() => Some(std::fs::read(file)?),
            _ => None,
        };
        let now = options.start.unwrap_or_else(machine_time);
        let state = match kept {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
            None => State::at(now),
        };
        // Time that was moved ahead stays ahead.
        let ahead = options.start.is_none().then(|| (state.now - now).max(0));
        let queued = state.events.newest().next().map(|event| event.id.clone());
        Ok(Self { state, ahead, queued, ..Self::default() })
    }

    /// Does what became due since the last look at the clock.
    fn keep_up(&mut self) {
        if let Some(ahead) = self.ahead {
            cycle::advance(&mut self.state, machine_time() + ahead);
        }
    }

    /// Moves time to a later second, and does all that is due until then.
    pub fn advance(&mut self, to: i64) {
        let moved = (to - self.state.now).max(0);
        cycle::advance(&mut self.state, to);
        self.ahead = self.ahead.map(|ahead| ahead + moved);
    }

    /// One endpoint for everything, in the place of all others.
    pub fn set_webhook(&mut self, url: &str, secret: &str) {
        self.state.endpoints.retain(|_| false);
        self.state.endpoints.put(Endpoint {
            id: self.state.endpoints.next_id(),
            url: url.to_owned(),
            secret: secret.to_owned(),
            enabled_events: vec!["*".to_owned()],
            api_version: None,
            metadata: Metadata::new(),
            created: self.state.now,
        });
    }

    pub fn fault(&mut self, fault: ApiFault) {
        self.api_faults.push(fault);
    }

    pub fn webhook_fault(&mut self, fault: WebhookFault, times: usize) {
        self.webhook_faults.extend(std::iter::repeat_n(fault, times));
    }

    pub fn clear_faults(&mut self) {
        self.api_faults.clear();
        self.webhook_faults.clear();
    }

    /// What goes wrong with a request.
    pub fn take_fault(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        let fault = self.api_faults.iter_mut().find(|fault| fault.is_meant_for(method, path))?;
        fault.times -= 1;
        Some(fault.kind)
    }

    fn queue_events(&mut self) {
        let now = Instant::now();
        let fresh = self.state.events.newest().take_while(|event| Some(&event.id) != self.queued.as_ref());
        let mut fresh: Vec<(String, String, Value)> =
            fresh.map(|event| (event.id.clone(), event.kind.clone(), event.json())).collect();
        fresh.reverse();
        for (id, kind, event) in fresh {
            let endpoints: Vec<Endpoint> =
                self.state.endpoints.oldest().filter(|row| row.wants(&kind)).cloned().collect();
            for endpoint in &endpoints {
                let fault = self.webhook_faults.pop_front();
                Delivery::new(endpoint, event.clone(), now).queue(&mut self.queue, fault);
            }
            self.queued = Some(id);
        }
    }

    fn take_due(&mut self, all: bool) -> Option<Delivery> {
        let now = Instant::now();
        let index = self.queue.iter().position(|delivery| all || delivery.due <= now)?;
        Some(self.queue.remove(index))
    }

    /// The time that signatures bear: the machine's, unless time stands still. Whoever checks them has the machine's clock.
    pub fn signed_at(&self) -> i64 {
        if self.ahead.is_some() { machine_time() } else { self.state.now }
    }

    /// Forgets the webhooks on their way.
    pub fn forget_pending(&mut self) {
        self.queue_events();
        self.queue.clear();
    }
}

/// Into a new file that takes the place of the old one: a reader sees one or the other.
fn write(file: &Path, state: &State) -> io::Result<()> {
    let part = file.with_extension("part");
    std::fs::write(&part, serde_json::to_vec(state).map_err(io::Error::other)?)?;
    std::fs::rename(part, file)
}

#[expect(clippy::disallowed_methods, reason = "a simulator that nobody gave a time has the machine's")]
fn machine_time() -> i64 {
    chrono::Utc::now().timestamp()
}
