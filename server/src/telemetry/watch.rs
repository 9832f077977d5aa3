//! Who takes what the layers gather: traces for a collector, slow requests for operators, errors for Sentry. It runs beside the
//! work, which never waits for it.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use domain::{Services, metrics, operators};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    otlp::{Collector, Otlp},
    reports::Report,
    sentry,
    slow::{self, Slow},
    spans::Part,
};
use crate::config::Config;

/// How often what was gathered is told to the collector.
const EVERY: Duration = Duration::from_secs(1);

/// Parts of traces in one batch.
const BATCH: usize = 128;

/// Requests that wait to be kept, slow ones and failed ones each.
const WAITING: usize = 32;

/// Of them, in a minute: a server that is slow does not make itself slower, nor one that fails.
const KEPT: u32 = 30;

/// For what is gathered at the end.
const LAST: Duration = Duration::from_secs(4);

/// What comes out of the layers, until somebody takes it.
static GATHERED: Mutex<Option<Gathered>> = Mutex::new(None);

pub struct Gathered {
    pub parts: mpsc::Receiver<Part>,
    /// None where errors go nowhere.
    pub reports: Option<mpsc::Receiver<Report>>,
}

/// What runs beside the work.
pub struct Watch {
    end: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Which traces are told.
struct Sorter {
    otlp: Option<Otlp>,
    keepers: Option<Keepers>,
    /// Of those that are neither slow nor failed, from 0 to 1.
    ratio: f64,
    batch: Vec<Part>,
}

/// Who keeps requests. Slow ones and failed ones have shares of their own, so that many of one kind leave room for the other.
struct Keepers {
    slow: mpsc::Sender<Slow>,
    failed: mpsc::Sender<Slow>,
}

/// Leaves it for [`Watch::start`].
pub(super) fn leave(gathered: Gathered) {
    *GATHERED.lock().expect("no thread panics while it holds this lock") = Some(gathered);
}

impl Watch {
    /// Takes what the layers gather from here on. A process without a web server keeps no slow requests.
    pub fn start(config: &Config, web: Option<&Services>) -> domain::Result<Self> {
        let (end, mut tasks) = (CancellationToken::new(), Vec::new());
        let taken = GATHERED.lock().expect("no thread panics while it holds this lock").take();
        let Some(Gathered { parts, reports }) = taken else { return Ok(Self { end, tasks }) };
        let otlp = match config.otlp_url.clone() {
            None => None,
            Some(url) => {
                let client = client(url.scheme())?;
                let (authorization, environment) = (config.otlp_authorization.clone(), config.environment.clone());
                let (otlp, telling) = Otlp::start(client, Collector { url, authorization, environment });
                tasks.push(telling);
                Some(otlp)
            }
        };
        let keepers = web.map(|services| Keepers::start(services, &mut tasks));
        let sorter = Sorter { otlp, keepers, ratio: config.otlp_ratio, batch: Vec::new() };
        tasks.push(tokio::spawn(sorter.run(parts, end.clone())));
        if let (Some(dsn), Some(reports)) = (&config.sentry_dsn, reports) {
            let telling =
                tell_errors(client(dsn.scheme())?, dsn.clone(), config.environment.clone(), reports, end.clone());
            tasks.push(tokio::spawn(telling));
        }
        Ok(Self { end, tasks })
    }

    /// Tells what is left, for four seconds at most.
    pub async fn end(self) {
        self.end.cancel();
        let ended = async {
            for task in self.tasks {
                task.await.ok();
            }
        };
        if timeout(LAST, ended).await.is_err() {
            tracing::warn!("not all traces and errors could be told before the end");
        }
    }
}

impl Sorter {
    async fn run(mut self, mut parts: mpsc::Receiver<Part>, end: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                part = parts.recv() => match part {
                    Some(part) => self.sort(part),
                    None => break,
                },
                _ = ticks.tick() => self.flush(),
                () = end.cancelled() => break,
            }
        }
        while let Ok(part) = parts.try_recv() {
            self.sort(part);
        }
        self.flush();
    }

    fn sort(&mut self, part: Part) {
        let is_notable = slow::is_notable(&part);
        if let Some(keepers) = &self.keepers
            && is_notable
            && let Some(request) = Slow::of(&part)
        {
            keepers.keep(request);
        }
        if self.otlp.is_some() && (is_notable || is_chosen(&part.trace, self.ratio)) {
            self.batch.push(part);
            if self.batch.len() >= BATCH {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        if let Some(otlp) = &self.otlp {
            otlp.tell(std::mem::take(&mut self.batch));
        }
    }
}

impl Keepers {
    fn start(services: &Services, tasks: &mut Vec<JoinHandle<()>>) -> Self {
        let mut keeper = || {
            let (sender, receiver) = mpsc::channel(WAITING);
            tasks.push(tokio::spawn(keep(services.clone(), receiver)));
            sender
        };
        Self { slow: keeper(), failed: keeper() }
    }

    fn keep(&self, slow: Slow) {
        let keeper = if slow.request.line.failed { &self.failed } else { &self.slow };
        if keeper.try_send(slow).is_err() {
            metrics::TELEMETRY_DROPPED.add(1, [("what", "slow request")]);
        }
    }
}

/// Whether a trace is one of the ratio: by its id, so that all who took part in it decide alike. The last 56 bits of it are
/// random (W3C Trace Context, level 2).
fn is_chosen(trace: &str, ratio: f64) -> bool {
    let random = trace.get(18..).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default();
    (random as f64) < ratio * (1_u64 << 56) as f64
}

/// Keeps those of one kind.
async fn keep(services: Services, mut slow: mpsc::Receiver<Slow>) {
    let (mut minute, mut kept) = (Instant::now(), 0_u32);
    while let Some(Slow { request, trace }) = slow.recv().await {
        if minute.elapsed() > Duration::from_secs(60) {
            (minute, kept) = (Instant::now(), 0);
        }
        kept += 1;
        if kept > KEPT {
            metrics::TELEMETRY_DROPPED.add(1, [("what", "slow request")]);
        } else if let Err(error) = operators::keep_request(&services, &request, trace).await {
            metrics::TELEMETRY_DROPPED.add(1, [("what", "slow request")]);
            tracing::warn!(error = %error, "a request that was slow or failed could not be kept");
        }
    }
}

/// Until the end, and then what waits.
async fn tell_errors(
    client: reqwest::Client,
    dsn: sentry::Dsn,
    environment: String,
    mut reports: mpsc::Receiver<Report>,
    end: CancellationToken,
) {
    let (sender, receiver) = mpsc::channel(1);
    let telling = tokio::spawn(sentry::tell_all(client, dsn, environment, receiver));
    while let Some(Some(report)) = end.run_until_cancelled(reports.recv()).await {
        sender.send(report).await.ok();
    }
    reports.close();
    while let Some(report) = reports.recv().await {
        sender.send(report).await.ok();
    }
    drop(sender);
    telling.await.ok();
}

/// For addresses of this scheme. Without encryption nobody's certificate is asked for, and the machine need not have any.
fn client(scheme: &str) -> domain::Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(2))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("sheaf/", env!("CARGO_PKG_VERSION")));
    let client = if scheme == "http" { client.tls_certs_only([]) } else { client };
    client.build().map_err(|error| domain::Error::internal(format!("the client for traces and errors: {error}")))
}

#[cfg(test)]
mod tests {
    use domain::{clock::Clock, trace::TraceId};

    use super::*;

    #[test]
    fn a_ratio_of_the_traces_is_chosen() {
        let clock = Clock::system();
        let traces: Vec<String> = (0..2_000).map(|_| TraceId::new(&clock).to_string()).collect();
        let chosen = |ratio| traces.iter().filter(|trace| is_chosen(trace, ratio)).count();
        assert_eq!((chosen(0.0), chosen(1.0)), (0, 2_000));
        assert!((400..600).contains(&chosen(0.25)), "{}", chosen(0.25));
    }
}
