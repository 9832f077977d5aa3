//! How a process stops: first nobody sends it anything new, then it takes nothing new, then it ends.

use std::time::Duration;

use domain::{Error, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long running requests may take to end once nothing new is taken. A request that is no stream has ended by then, as it
/// may take no longer (`web::deadline::REQUEST_TIMEOUT`).
pub const GRACE: Duration = Duration::from_secs(20);

/// After drain and grace, whatever still hangs is ended with the process.
const SPARE: Duration = Duration::from_secs(10);

/// The two steps, of which nobody has begun the first yet. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shutdown {
    /// From the signal on: `/readyz` says no, workers stop, and everything that is asked is still answered.
    pub draining: CancellationToken,
    /// When the drain is over: no new connections, streams end, and running requests have [`GRACE`].
    pub stopping: CancellationToken,
}

impl Shutdown {
    /// One that SIGTERM and SIGINT begin. Whoever presses Ctrl-C has no load balancer in front, so SIGINT does not drain. A
    /// second signal ends the process at once.
    pub fn on_signal(drain: Duration) -> Result<Self> {
        let shutdown = Self::default();
        let signals = Signals::listen()?;
        tokio::spawn(shutdown.clone().obey(signals, drain));
        Ok(shutdown)
    }

    /// Both steps at once.
    pub fn now(&self) {
        self.draining.cancel();
        self.stopping.cancel();
    }

    async fn obey(self, mut signals: Signals, drain: Duration) {
        let drain = if signals.next().await == SignalKind::terminate() { drain } else { Duration::ZERO };
        tracing::info!(drain_seconds = drain.as_secs(), "stopping");
        self.draining.cancel();
        tokio::select! {
            _ = signals.next() => std::process::exit(130),
            () = tokio::time::sleep(drain) => self.stopping.cancel(),
        }
        tokio::select! {
            _ = signals.next() => {}
            () = tokio::time::sleep(GRACE + SPARE) => {
                tracing::warn!("something did not end in time and ends with the process");
            }
        }
        std::process::exit(130);
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).map_err(Error::internal);
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Which of the two came.
    async fn next(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        }
    }
}
