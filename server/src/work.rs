//! The table of contents of everything that is done later, or by itself.

use std::time::Duration;

use domain::{
    Result, Services,
    billing::{self, SyncSubscription, TellUsage},
    documents::{DrawPages, ReadAllAgain, ReadDocument, ResumeHeld, Sweep},
    exports::MakeExport,
    health,
    insights::TellEvent,
    mail::SendMail,
    operators,
    queue::{self, Concurrency, Job, Registry, Schedule, Tick},
    reports::MakeReport,
    revenue::{self, CountRevenue},
    status::{self, Probes},
    tenants,
};
use tokio_util::sync::CancellationToken;

use crate::kinds::{BILLING, HOUSEKEEPING, Limit, Part};

/// How often somebody looks for workspaces whose grace is over.
const DELETE_EVERY: Duration = Duration::from_secs(60 * 60);

/// How often somebody looks whether a payment is missing for longer, or a trial is over.
const TEND_EVERY: Duration = Duration::from_secs(15 * 60);

/// Every quarter of an hour, and not when it begins: what was used in an hour that is over is told to Stripe, and what was used
/// last in a month before its invoice is final, which is an hour later.
const ROLL_UP: &str = "7,22,37,52 * * * *";

/// How often somebody looks for months that nobody has begun. Whoever uploads or looks begins theirs at once.
const BEGIN_EVERY: Duration = Duration::from_secs(60 * 60);

/// How often the parts are tried as people use them.
const PROBE_EVERY: Duration = Duration::from_secs(60);

/// Every kind of job.
pub fn registry() -> Registry {
    Registry::new()
        .register::<ReadDocument>()
        .register::<DrawPages>()
        .register::<ReadAllAgain>()
        .register::<MakeReport>()
        .register::<MakeExport>()
        .register::<SendMail>()
        .register::<TellUsage>()
        .register::<Sweep>()
        .register::<CountRevenue>()
        .register::<SyncSubscription>()
        .register::<ResumeHeld>()
        .register::<TellEvent>()
}

/// Runs these parts of the work until `shutdown`, or all where none is named. What happens by itself is looked after by every process
/// that does anything of its part, as each tick is done once. `probes` try the parts.
pub async fn run(
    services: Services,
    parts: Vec<Part>,
    limits: Vec<Limit>,
    probes: Probes,
    shutdown: CancellationToken,
) -> Result<()> {
    let kinds: Vec<&str> = parts.iter().flat_map(|part| part.kinds()).copied().collect();
    let registry = if kinds.is_empty() { registry() } else { registry().only(&kinds)? };
    let concurrency = concurrency(&registry, &limits);
    let schedules = schedules(&registry, probes.clone())?;
    let watches = does(&registry, HOUSEKEEPING);
    tokio::try_join!(
        queue::work(services.clone(), registry, concurrency, shutdown.clone()),
        queue::run_schedules(services.clone(), schedules, shutdown.clone()),
        watch(watches, &services, &probes, shutdown),
    )?;
    Ok(())
}

/// Each process watches that does the housekeeping: the schedule of the probes stands in the database, and nobody looks after it while
/// that is away.
async fn watch(watches: bool, services: &Services, probes: &Probes, shutdown: CancellationToken) -> Result<()> {
    if watches {
        status::keep_watch(services, probes, shutdown).await;
    }
    Ok(())
}

/// Whether anything of this part is done here.
fn does(registry: &Registry, part: &[&str]) -> bool {
    registry.kinds().any(|kind| part.contains(&kind))
}

/// How many jobs of each kind run at once in this process.
fn concurrency(registry: &Registry, limits: &[Limit]) -> Concurrency {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let usual = [
        (ReadDocument::KIND, cores),
        (DrawPages::KIND, 1),
        (ReadAllAgain::KIND, 1),
        (MakeReport::KIND, 1),
        (MakeExport::KIND, 1),
        (SendMail::KIND, 4),
        (TellUsage::KIND, 1),
        (Sweep::KIND, 1),
        (CountRevenue::KIND, 1),
        (SyncSubscription::KIND, 4),
        (ResumeHeld::KIND, 1),
        (TellEvent::KIND, 1),
    ];
    let told = limits.iter().flat_map(|limit| limit.part.kinds().iter().map(move |kind| (*kind, limit.jobs)));
    let here: Vec<&str> = registry.kinds().collect();
    // Processes of different kinds may have the same settings for the rest.
    let limits = usual.into_iter().chain(told).filter(|(kind, _)| here.contains(kind));
    limits.fold(Concurrency::default(), |concurrency, (kind, jobs)| concurrency.limit(kind, jobs))
}

/// What happens by itself in a process that does these kinds: one for mail alone may reach no website and know no key of Stripe's. Of
/// what was missed, the latest time is made up for.
fn schedules(registry: &Registry, probes: Probes) -> Result<Vec<Schedule>> {
    let all = [(HOUSEKEEPING, housekeeping(probes)?), (BILLING, bills()?)].into_iter();
    let kept = all.filter(|(part, _)| does(registry, part));
    Ok(kept.flat_map(|(_, schedules)| schedules).collect())
}

fn housekeeping(probes: Probes) -> Result<Vec<Schedule>> {
    let probe = move |services: Services, tick: Tick| {
        let probes = probes.clone();
        // No job: it is about no workspace, and what is late says nothing of that minute.
        async move { status::record(&services, &probes, tick.at).await }
    };
    Ok(vec![
        Schedule::cron("sweep", "0 */6 * * *", sweep)?,
        Schedule::every("delete_workspaces", DELETE_EVERY, delete_workspaces)?,
        Schedule::cron("forget_slow_requests", "25 * * * *", forget_slow_requests)?,
        Schedule::every("probe", PROBE_EVERY, probe)?,
        Schedule::cron("thin_health", "25 * * * *", thin_health)?,
    ])
}

fn bills() -> Result<Vec<Schedule>> {
    Ok(vec![
        Schedule::every("tend_billing", TEND_EVERY, tend_billing)?,
        Schedule::cron("count_revenue", "30 1 * * *", count_revenue)?,
        Schedule::cron("sum_revenue", "15 * * * *", sum_revenue)?,
        Schedule::cron("roll_up_use", ROLL_UP, roll_up)?,
        Schedule::cron("sweep_subscriptions", "40 * * * *", sweep_subscriptions)?,
        Schedule::cron("forget_events", "50 2 * * *", forget_events)?,
        Schedule::every("begin_months", BEGIN_EVERY, begin_months)?,
    ])
}

async fn sweep(services: Services, tick: Tick) -> Result<()> {
    let jobs = queue::fan_out(&services, tick, &Sweep {}).await?;
    tracing::debug!(jobs, "the tenants are to be swept");
    Ok(())
}

async fn count_revenue(services: Services, tick: Tick) -> Result<()> {
    let jobs = queue::fan_out(&services, tick, &CountRevenue {}).await?;
    tracing::debug!(jobs, "the months of the tenants are to be counted");
    Ok(())
}

/// No job: it is one statement for all tenants. Each hour, as workspaces are counted one after another.
async fn sum_revenue(services: Services, _: Tick) -> Result<()> {
    revenue::sum(&services).await
}

/// No job: most workspaces have nothing to do.
async fn begin_months(services: Services, _: Tick) -> Result<()> {
    billing::begin_months(&services).await
}

/// No job: its row would go with the tenant.
async fn delete_workspaces(services: Services, _: Tick) -> Result<()> {
    tenants::delete_due(&services).await?;
    Ok(())
}

/// No job: one statement finds the few workspaces that it concerns.
async fn tend_billing(services: Services, _: Tick) -> Result<()> {
    let tended = billing::tend(&services).await?;
    tracing::debug!(tended, "the bills of the workspaces were looked after");
    Ok(())
}

/// No jobs: of most workspaces there is nothing to tell.
async fn roll_up(services: Services, _: Tick) -> Result<()> {
    let done = billing::roll_up(&services).await?;
    tracing::debug!(written = done.written, sent = done.sent, "told Stripe what was used");
    Ok(())
}

/// What Stripe has may be other than what was heard of it: an event may have been lost.
async fn sweep_subscriptions(services: Services, _: Tick) -> Result<()> {
    let found = billing::sweep_subscriptions(&services).await?;
    tracing::debug!(found, "subscriptions are to be looked at");
    Ok(())
}

/// No job: what it forgets is of no workspace, or of any.
async fn forget_events(services: Services, _: Tick) -> Result<()> {
    let forgotten = billing::forget_events(&services).await?;
    tracing::debug!(forgotten, "forgot what Stripe sent long ago");
    Ok(())
}

/// No job: it is one statement, and of no workspace.
async fn thin_health(services: Services, _: Tick) -> Result<()> {
    let thinned = health::thin(&services).await?;
    tracing::debug!(thinned, "minutes of figures became hours");
    Ok(())
}

/// No job: they are of all workspaces and of none.
async fn forget_slow_requests(services: Services, _: Tick) -> Result<()> {
    let forgotten = operators::forget_slow_requests(&services).await?;
    tracing::debug!(forgotten, "forgot requests that took long");
    Ok(())
}
