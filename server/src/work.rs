//! The table of contents of everything that is done later.

use std::time::Duration;

use domain::{
    Result, Services,
    actor::System,
    documents::{DrawPages, ReadDocument, Sweep},
    exports::MakeExport,
    mail::SendMail,
    queue::{self, Concurrency, Enqueue, Registry},
    reports::MakeReport,
    tenants,
};
use tokio_util::sync::CancellationToken;

/// How often each tenant is swept.
const SWEEP_EVERY: Duration = Duration::from_secs(6 * 60 * 60);

/// How often somebody looks for workspaces whose grace is over.
const DELETE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Runs every kind of job until `shutdown`.
pub async fn run(services: Services, shutdown: CancellationToken) -> Result<()> {
    let registry = Registry::new()
        .register::<ReadDocument>()
        .register::<DrawPages>()
        .register::<MakeReport>()
        .register::<MakeExport>()
        .register::<SendMail>()
        .register::<Sweep>();
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let concurrency = Concurrency::default()
        .limit(<ReadDocument as queue::Job>::KIND, cores)
        .limit(<DrawPages as queue::Job>::KIND, 1)
        .limit(<MakeReport as queue::Job>::KIND, 1)
        .limit(<MakeExport as queue::Job>::KIND, 1)
        .limit(<SendMail as queue::Job>::KIND, 4)
        .limit(<Sweep as queue::Job>::KIND, 1);
    let schedule = tokio::spawn(sweep_regularly(services.clone(), shutdown.clone()));
    let deletions = tokio::spawn(delete_regularly(services.clone(), shutdown.clone()));
    let worked = queue::work(services, registry, concurrency, shutdown).await;
    schedule.abort();
    deletions.abort();
    worked
}

/// Every worker does this; the key makes of it one job a tenant.
async fn sweep_regularly(services: Services, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        if let Err(error) = enqueue_sweeps(&services).await {
            tracing::warn!(error = %error, "could not enqueue the sweeps; trying again later");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

async fn enqueue_sweeps(services: &Services) -> Result<()> {
    for tenant in tenants::all(services).await? {
        let mut tx = services.db.tenant(&System::for_tenant(tenant)).await?;
        let options = Enqueue { key: Some("sweep".into()), ..Enqueue::default() };
        queue::enqueue(&mut tx, &services.clock, &Sweep {}, options).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Every worker does this, and two that meet at one workspace do no harm. It is no job: its row would go with the tenant.
async fn delete_regularly(services: Services, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        if let Err(error) = tenants::delete_due(&services).await {
            tracing::warn!(error = %error, "could not look for workspaces to delete; trying again later");
        }
        tokio::select! {
            () = tokio::time::sleep(DELETE_EVERY) => {}
            () = shutdown.cancelled() => {}
        }
    }
}
