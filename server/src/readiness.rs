//! Whether the parts that this process stands on answer: asked by `/readyz`, and for the figures whether anybody polls that or not.

use std::time::{Duration, Instant};

use domain::{Services, db::setup, metrics};
use tokio::{sync::Mutex, time::timeout};

/// A part that does not answer within this is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The same of Redis, for which no request waits longer either.
const REDIS_PATIENCE: Duration = Duration::from_millis(200);

/// A mail server is not greeted more often than this, however often somebody asks here.
const MAIL_ASKED_EVERY: Duration = Duration::from_secs(30);

/// When the mail server was asked last, and whether it answered.
static MAIL: Mutex<Option<(Instant, bool)>> = Mutex::const_new(None);

/// What one part answered.
pub struct Part {
    pub name: &'static str,
    /// Whether nothing can be done without it. Without the others, Sheaf is weaker and not unready.
    pub is_needed: bool,
    pub is_ok: bool,
    pub took: Duration,
}

/// Asks all parts at once, and keeps as a figure what each answered.
pub async fn ask(services: &Services) -> [Part; 6] {
    tokio::join!(
        asked("database", true, PATIENCE, async { services.db.system().await.is_ok() }),
        asked("migrations", true, PATIENCE, are_migrations_current(services)),
        asked("store", true, PATIENCE, services.files.is_ready()),
        asked("redis", false, REDIS_PATIENCE, services.cache.is_ready()),
        asked("mail", false, PATIENCE, does_mail_answer(services)),
        asked("listener", false, PATIENCE, async { services.live.is_listening() }),
    )
    .into()
}

/// Asks one part, which has so long to answer.
async fn asked(
    name: &'static str,
    is_needed: bool,
    patience: Duration,
    ask: impl Future<Output = bool> + Send,
) -> Part {
    let begun = Instant::now();
    let is_ok = timeout(patience, ask).await.unwrap_or(false);
    metrics::PART_READY.set(if is_ok { 1.0 } else { 0.0 }, [("part", name)]);
    Part { name, is_needed, is_ok, took: begun.elapsed() }
}

/// Whether the schema is the one that this program knows. One that is newer is good too: changes are forward compatible.
async fn are_migrations_current(services: &Services) -> bool {
    setup::pending_migrations(&services.db).await.is_ok_and(|pending| pending.is_empty())
}

/// True where none is used.
async fn does_mail_answer(services: &Services) -> bool {
    if !services.mailer.sends() {
        return true;
    }
    let mut asked = MAIL.lock().await;
    if let Some((at, is_ok)) = *asked
        && at.elapsed() < MAIL_ASKED_EVERY
    {
        return is_ok;
    }
    // Whoever asks meanwhile gives up before this does, and finds what was learned the next time.
    *asked = Some((Instant::now(), false));
    let is_ok = services.mailer.is_ready().await;
    *asked = Some((Instant::now(), is_ok));
    is_ok
}
