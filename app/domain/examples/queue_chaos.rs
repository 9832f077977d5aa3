//! What the chaos tests (tests/it/chaos) kill: a program that enqueues, cancels and runs jobs, and uses of the domain only what
//! any program may. What it is to do is its argument, and where is in its environment.

#[path = "shared/lines.rs"]
mod lines;
#[path = "shared/services.rs"]
mod shared;

use std::{env, error::Error as Failure, io::Read, time::Duration};

use chrono::TimeDelta;
use domain::{
    Error, Result, Services,
    accounts::{self, SignUp},
    actor::System,
    audit::{self, Act},
    cache::Cache,
    clock::Clock,
    db::{
        Db,
        setup::{self, APP, OWNER, WORKER},
    },
    id::{JobId, TenantId},
    queue::{self, Concurrency, Enqueue, Job, JobContext, JobError, Registry},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    signal::unix::{SignalKind, signal},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use self::lines::say;

/// Of the roles, in a cluster that lives as long as the tests.
const PASSWORD: &str = "test";

/// The database that those of all rounds are cloned from.
const TEMPLATE: &str = "sheaf";

/// Of each process, for its jobs.
const CONNECTIONS: u32 = 4;

/// Jobs that are enqueued in one transaction.
const TOGETHER: usize = 3;

/// What a step takes beside its effect. With it, the slots decide how many jobs are done in a second, and not the machine.
const STEP: Duration = Duration::from_millis(100);

/// Work that succeeds in the end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Work {
    /// Three steps, each with an effect outside.
    Steps,
    /// A step, then two failures, then another step.
    Flaky,
    /// So many milliseconds, then a step.
    Long(u64),
}

impl Job for Work {
    const KIND: &'static str = "chaos_work";
    // More often than anybody kills its worker: what is killed must not die of it.
    const MAX_ATTEMPTS: i32 = 50;
    const TIMEOUT: Duration = Duration::from_secs(60);
    const CONCURRENCY: usize = 8;

    fn backoff(_: i32) -> Duration {
        Duration::from_millis(200)
    }

    async fn run(self, context: &JobContext) -> std::result::Result<(), JobError> {
        tell(context, None).await?;
        match self {
            Self::Steps => {
                for step in ["reserve", "charge", "deliver"] {
                    affect(context, step).await?;
                }
            }
            Self::Flaky => {
                affect(context, "prepare").await?;
                if context.attempt < 3 {
                    return Err(JobError::retry("the printer is on fire"));
                }
                affect(context, "deliver").await?;
            }
            Self::Long(milliseconds) => {
                sleep(Duration::from_millis(milliseconds)).await;
                affect(context, "deliver").await?;
            }
        }
        Ok(())
    }
}

/// Work that always fails, and tells so.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Doomed {}

impl Job for Doomed {
    const KIND: &'static str = "chaos_doomed";
    const MAX_ATTEMPTS: i32 = 3;
    const TIMEOUT: Duration = Duration::from_secs(60);

    fn backoff(_: i32) -> Duration {
        Duration::from_millis(200)
    }

    async fn run(self, context: &JobContext) -> std::result::Result<(), JobError> {
        tell(context, None).await?;
        Err(JobError::retry("there is no printer"))
    }

    async fn on_dead(self, context: &JobContext, _: &str) -> Result<()> {
        let away = |error: JobError| Error::unavailable(error.to_string());
        tell(context, None).await.map_err(away)?;
        tell(context, Some("told")).await.map_err(away)?;
        Ok(())
    }
}

/// A step of a job, whose effect is outside.
async fn affect(context: &JobContext, step: &'static str) -> std::result::Result<(), JobError> {
    // Where Redis is away this is slower, and nothing else.
    context.services.cache.count(&format!("chaos:{}:{}", context.tenant, context.job), Duration::from_secs(60)).await;
    let _receipt: u64 = context
        .step(step, async || {
            sleep(STEP).await;
            tell(context, Some(step)).await
        })
        .await?;
    Ok(())
}

/// Tells the other side that an attempt has begun, or asks it for the effect of a step. It answers with its receipt.
async fn tell(context: &JobContext, step: Option<&'static str>) -> std::result::Result<u64, JobError> {
    let call = json!({
        "job": context.job,
        "attempt": context.attempt,
        "worker": setting("SHEAF_CHAOS_WORKER"),
        "step": step,
        "key": step.map(|step| context.idempotency_key(step)),
    });
    talk(&call).await.map_err(JobError::retry)
}

async fn talk(call: &Value) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(setting("SHEAF_CHAOS_EFFECTS")).await?;
    stream.write_all(format!("{call}\n").as_bytes()).await?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).await?;
    answer.trim().parse().map_err(std::io::Error::other)
}

/// Jobs to be written. Those that take long come first, so that what they are killed with is still running then.
#[derive(Deserialize)]
struct Plan {
    tenants: Vec<TenantId>,
    long: usize,
    milliseconds: u64,
    doomed: usize,
    flaky: usize,
    steps: usize,
}

#[derive(Clone, Copy)]
enum Planned {
    Work(Work),
    Doomed,
}

impl Plan {
    fn jobs(&self) -> Vec<Planned> {
        let mut jobs = vec![Planned::Work(Work::Long(self.milliseconds)); self.long];
        jobs.extend(vec![Planned::Doomed; self.doomed]);
        jobs.extend(vec![Planned::Work(Work::Flaky); self.flaky]);
        jobs.extend(vec![Planned::Work(Work::Steps); self.steps]);
        jobs
    }
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Failure>> {
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_ansi(false).with_writer(std::io::stderr).init();
    end_with_whoever_started_this();
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["setup"] => set_up().await,
        ["enqueue", plan] => enqueue(&services(APP).await?, &serde_json::from_str(plan)?).await,
        ["cancel", tenant, job] => cancel(&services(APP).await?, TenantId(tenant.parse()?), JobId(job.parse()?)).await,
        ["work"] => work(services(WORKER).await?).await,
        _ => Err("usage: queue_chaos setup | enqueue <plan> | cancel <tenant> <job> | work".into()),
    }
}

/// Makes the database that all others are cloned from, with two workspaces, whose ids it says.
async fn set_up() -> std::result::Result<(), Box<dyn Failure>> {
    let admin = admin()?.database("postgres");
    let mut connection = PgConnection::connect_with(&admin).await?;
    setup::make_roles(&mut connection, PASSWORD).await?;
    connection.close().await?;
    setup::make_database(&admin, TEMPLATE).await?;
    setup::migrate(&admin.database(TEMPLATE).username(OWNER).password(PASSWORD)).await?;
    let services = services(APP).await?;
    for (name, workspace, email) in [("Ada", "Acme", "ada@acme.example"), ("Eve", "Globex", "eve@globex.example")] {
        let form = SignUp::parse(name, workspace, email, "correct horse battery")?;
        let (_, tenant) = accounts::make_account(&services, form).await?;
        say(&json!(tenant))?;
    }
    services.db.close().await;
    Ok(())
}

/// Writes the jobs, each with a row of its own in the same transaction, and says which they are once they are committed.
async fn enqueue(services: &Services, plan: &Plan) -> std::result::Result<(), Box<dyn Failure>> {
    for (number, together) in plan.jobs().chunks(TOGETHER).enumerate() {
        let tenant = plan.tenants[number % plan.tenants.len()];
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let mut ids = Vec::new();
        for job in together {
            let enqueued = match job {
                Planned::Work(work) => queue::enqueue(&mut tx, &services.clock, work, Enqueue::default()).await?,
                Planned::Doomed => queue::enqueue(&mut tx, &services.clock, &Doomed {}, Enqueue::default()).await?,
            };
            ids.push(enqueued.id.0);
        }
        audit::record_many(&mut tx, &services.clock, Act::ReportAsked, &ids).await?;
        tx.commit().await?;
        for id in ids {
            say(&json!(id))?;
        }
    }
    Ok(())
}

async fn cancel(services: &Services, tenant: TenantId, job: JobId) -> std::result::Result<(), Box<dyn Failure>> {
    let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
    queue::cancel(&mut tx, job).await?;
    tx.commit().await?;
    Ok(())
}

/// Runs jobs until it is told to stop, or killed.
async fn work(services: Services) -> std::result::Result<(), Box<dyn Failure>> {
    let (shutdown, mut terminate) = (CancellationToken::new(), signal(SignalKind::terminate())?);
    let told = shutdown.clone();
    tokio::spawn(async move {
        terminate.recv().await;
        told.cancel();
    });
    let registry = Registry::new().register::<Work>().register::<Doomed>();
    queue::work(services, registry, Concurrency::default(), shutdown).await?;
    Ok(())
}

async fn services(role: &str) -> std::result::Result<Services, Box<dyn Failure>> {
    let clock = clock();
    let db = Db::open(admin()?.username(role).password(PASSWORD), CONNECTIONS);
    let cache = env::var("SHEAF_CHAOS_REDIS").map_or_else(|_| Ok(Cache::memory()), |url| Cache::redis(&url))?;
    Ok(Services { cache, ..shared::services(db, clock, &env::temp_dir())? })
}

/// The machine's or, where that is asked for, one that jumps to and fro by up to ten minutes.
fn clock() -> Clock {
    if env::var_os("SHEAF_CHAOS_CLOCK").is_none() {
        return Clock::system();
    }
    let clock = Clock::manual(Clock::system().now());
    let jumping = clock.clone();
    tokio::spawn(async move {
        loop {
            let seconds = i64::from(u16::from_be_bytes(jumping.random()) % 1_201) - 600;
            jumping.advance(TimeDelta::seconds(seconds));
            sleep(Duration::from_millis(300)).await;
        }
    });
    clock
}

/// The database of this round, as its superuser.
fn admin() -> std::result::Result<PgConnectOptions, Box<dyn Failure>> {
    Ok(setting("SHEAF_CHAOS_DATABASE").parse()?)
}

/// Empty where it is not set, which no address is.
fn setting(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// A pipe from the tests ends with them, however they end.
fn end_with_whoever_started_this() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    });
}
