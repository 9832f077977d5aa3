//! `sheaf import`: an archive becomes a workspace.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use domain::{
    Error, Result,
    db::{Db, setup},
    exports::{self, Archive, Imported},
    id::TenantId,
};

use super::worker_of;
use crate::{
    boot::{self, Databases},
    config::Config,
};

/// Which archive, and into which workspace.
#[derive(Debug, Args)]
pub struct Import {
    /// An archive that an owner has downloaded under Settings, Export
    archive: PathBuf,
    /// An existing workspace, which must have no documents and no reports
    #[arg(long, conflicts_with_all = ["owner", "name"], required_unless_present = "owner")]
    tenant: Option<TenantId>,
    /// The address of somebody with an account, who gets a new workspace
    #[arg(long, requires = "name")]
    owner: Option<String>,
    /// What the new workspace is called
    #[arg(long, requires = "owner")]
    name: Option<String>,
}

/// Imports an archive and says what came of it.
pub async fn import(config: Config, import: Import) -> Result<ExitCode> {
    let (databases, embedded) = boot::databases(&config).await?;
    let imported = run(&config, &databases, import).await;
    embedded.stop();
    imported
}

async fn run(config: &Config, databases: &Databases, import: Import) -> Result<ExitCode> {
    if let Some(owner) = &databases.owner {
        setup::migrate(owner).await?;
    }
    let worker = worker_of(databases)?;
    // Before a workspace is made for it.
    let archive = Archive::open(import.archive.clone()).await?;
    let tenant = tenant_for(config, databases, &import).await?;
    let services = boot::services(config, Db::open(worker, config.database_connections))?;
    let imported = exports::import(&services, tenant, &archive).await?;
    say(tenant, &imported);
    Ok(ExitCode::SUCCESS)
}

async fn tenant_for(config: &Config, databases: &Databases, import: &Import) -> Result<TenantId> {
    match (import.tenant, &import.owner, &import.name) {
        (Some(tenant), ..) => Ok(tenant),
        (None, Some(owner), Some(name)) => {
            let services = boot::services(config, databases.open_app(config))?;
            let tenant = exports::found_tenant(&services, owner, name).await?;
            // Where the import fails it stays, empty: whoever tries again needs no other one.
            say_made(tenant);
            Ok(tenant)
        }
        _ => Err(Error::invalid("tenant", "Name a workspace with --tenant, or a new one with --owner and --name.")),
    }
}

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn say_made(tenant: TenantId) {
    println!("made the workspace {tenant}; if this fails, go on with --tenant {tenant}");
}

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn say(tenant: TenantId, imported: &Imported) {
    let Imported { documents, pages, reports, strangers } = imported;
    println!("imported documents: {documents}, pages: {pages}, reports: {reports}; the workspace is {tenant}");
    if !strangers.is_empty() {
        println!("these members of the archive are unknown here; invite them to have them come along:");
        for email in strangers {
            println!("  {email:?}");
        }
    }
}
