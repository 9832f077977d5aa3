//! `sheaf export`: a workspace becomes an archive.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use domain::{
    Result,
    exports::{self, Saved},
    id::TenantId,
};

use super::services_of_worker;
use crate::{
    boot::{self, Databases},
    config::Config,
};

/// Which workspace, and where to.
#[derive(Debug, Args)]
pub struct Export {
    /// A file that is not there yet, with everything of the workspace in the end (docs/export-format.md)
    archive: PathBuf,
    /// The workspace
    #[arg(long)]
    tenant: TenantId,
}

/// Writes the archive and says what is in it.
pub async fn export(config: Config, export: Export) -> Result<ExitCode> {
    let (databases, embedded) = boot::databases(&config).await?;
    let exported = run(&config, &databases, &export).await;
    embedded.stop();
    exported
}

/// The schema stays as it is: the database may be a copy that is looked at only.
async fn run(config: &Config, databases: &Databases, export: &Export) -> Result<ExitCode> {
    let services = services_of_worker(config, databases)?;
    say(&exports::save(&services, export.tenant, &export.archive).await?);
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn say(saved: &Saved) {
    let Saved { documents, pages, reports, left_out } = saved;
    println!("exported documents: {documents}, pages: {pages}, reports: {reports}");
    if *left_out > 0 {
        println!("left out, as the store does not have their files: {left_out}");
    }
}
