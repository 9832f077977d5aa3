//! The end of a workspace: asked for by an owner, undone by any owner within a grace, then done by housekeeping, so that
//! nothing of it is left in any table, in the store of files or in the cache.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::sleep;

use super::{GRACE_DAYS, mails, store};
use crate::{
    Services,
    actor::{Action, Member},
    audit::{self, Act},
    billing,
    error::{Error, ErrorKind, Result},
    files,
    id::TenantId,
    live,
};

/// After the grace, until the work begins. The clocks of two servers differ by less, so whoever undoes it in the last
/// second undoes it before a file is gone.
const MARGIN: TimeDelta = TimeDelta::hours(1);

/// Between the attempts to delete a workspace, within one time that somebody looks.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(15)];

/// Has the workspace deleted after the grace, and tells all owners. `confirmation` is its name, typed by whoever asks.
/// Returns when the grace is over.
pub async fn ask_deletion(services: &Services, member: &Member, confirmation: &str) -> Result<DateTime<Utc>> {
    member.require(Action::DeleteWorkspace)?;
    let mut tx = services.db.tenant(member).await?;
    let name = store::name(&mut tx).await?;
    if confirmation.trim() != name.trim() {
        return Err(Error::invalid(
            "confirmation",
            format!("This is not the name of the workspace, which is “{name}”."),
        ));
    }
    let at = services.clock.now() + TimeDelta::days(GRACE_DAYS);
    if !store::ask_deletion(&mut tx, at).await? {
        return Err(Error::conflict("This workspace is to be deleted already."));
    }
    mails::deletion_asked(services, &mut tx, &name, at).await?;
    audit::record(&mut tx, &services.clock, Act::DeletionAsked, member.tenant.0).await?;
    live::announce(&mut tx, "tenant", member.tenant).await?;
    tx.commit().await?;
    Ok(at)
}

/// Keeps a workspace that was to be deleted. Fails where nobody asked for that, or when the grace is over.
pub async fn undo_deletion(services: &Services, member: &Member) -> Result<()> {
    member.require(Action::DeleteWorkspace)?;
    let mut tx = services.db.tenant(member).await?;
    if !store::undo_deletion(&mut tx, services.clock.now()).await? {
        return Err(Error::conflict("There is no deletion of this workspace to undo."));
    }
    audit::record(&mut tx, &services.clock, Act::DeletionUndone, member.tenant.0).await?;
    live::announce(&mut tx, "tenant", member.tenant).await?;
    tx.commit().await
}

/// Deletes the workspaces whose grace is over, as a worker, and says how many. One that fails waits for the next time, and
/// the others go on.
pub async fn delete_due(services: &Services) -> Result<usize> {
    let at = services.clock.now() - MARGIN;
    let mut system = services.db.system().await?;
    let due = store::due(&mut system, at).await?;
    system.commit().await?;
    let mut deleted = 0;
    for tenant in due {
        match delete_again(services, tenant, at).await {
            Ok(()) => deleted += 1,
            Err(error) => {
                tracing::error!(tenant.id = %tenant, error = %error, "could not delete a workspace; trying again later");
            }
        }
    }
    Ok(deleted)
}

/// What is written for the tenant meanwhile may hold what the deletion waits for, and the other way round. Then Postgres breaks off
/// either, and the same succeeds a moment later.
async fn delete_again(services: &Services, tenant: TenantId, at: DateTime<Utc>) -> Result<()> {
    for pause in PAUSES {
        match delete(services, tenant, at).await {
            Err(error) if error.kind == ErrorKind::Unavailable => {
                tracing::warn!(tenant.id = %tenant, error = %error, "the deletion of a workspace met others; trying again");
                sleep(pause).await;
            }
            done => return done,
        }
    }
    delete(services, tenant, at).await
}

/// Each step may be repeated, and the row of the tenant goes last: as long as it is there, what a crash has left is found.
async fn delete(services: &Services, tenant: TenantId, at: DateTime<Utc>) -> Result<()> {
    // Its names at Stripe go with its rows, so that nobody could end it later.
    billing::leave(services, tenant).await?;
    let objects = empty(services, tenant).await?;
    let mut system = services.db.patient().await?;
    store::delete(&mut system, tenant, at).await?;
    system.commit().await?;
    // What was under way has written meanwhile, and can write no more: nothing of it has a row to belong to.
    let late = empty(services, tenant).await?;
    tracing::info!(tenant.id = %tenant, objects = objects + late, "deleted a workspace");
    Ok(())
}

/// Deletes all its files and cached values, and says how many files those were.
async fn empty(services: &Services, tenant: TenantId) -> Result<u64> {
    let objects = services.files.delete_folder(&files::tenant_folder(tenant)).await?;
    services.cache.forget(tenant).await?;
    Ok(objects)
}
