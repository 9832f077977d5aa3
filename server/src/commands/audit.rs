//! `sheaf audit verify`: whether the audit logs are what was written.

use std::process::ExitCode;

use clap::Subcommand;
use domain::{
    Error, Result, Services,
    audit::{self, Verified},
    id::TenantId,
    tenants,
};

use super::services_of_worker;
use crate::{boot, config::Config};

/// What can be done with the audit logs.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Find entries that were changed, moved or taken out; the exit code says whether there are none
    Verify {
        /// Of this workspace alone, by its id
        #[arg(long)]
        tenant: Option<TenantId>,
    },
}

/// Runs as the role of the workers, which alone sees how long each log is to be.
pub async fn run(command: AuditCommand, config: Config) -> Result<ExitCode> {
    let AuditCommand::Verify { tenant } = command;
    let (databases, embedded) = boot::databases(&config).await?;
    let verified = async { verify(&services_of_worker(&config, &databases)?, tenant).await };
    let verified = verified.await;
    embedded.stop();
    verified
}

async fn verify(services: &Services, tenant: Option<TenantId>) -> Result<ExitCode> {
    let is_whole = match tenant {
        Some(tenant) => {
            if !tenants::is_there(services, tenant).await? {
                return Err(Error::not_found().with_context(format!("there is no workspace {tenant}")));
            }
            verify_one(services, tenant).await?
        }
        None => verify_all(services).await?,
    };
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn verify_all(services: &Services) -> Result<bool> {
    let (mut is_whole, mut last) = (true, None);
    loop {
        let tenants = tenants::page(services, last).await?;
        for tenant in &tenants {
            is_whole &= verify_one(services, *tenant).await?;
        }
        last = tenants.last().copied();
        if last.is_none() {
            return Ok(is_whole);
        }
    }
}

async fn verify_one(services: &Services, tenant: TenantId) -> Result<bool> {
    let verified = audit::verify(services, tenant).await?;
    report(tenant, &verified);
    Ok(verified.findings.is_empty())
}

/// A line a workspace, and one for each finding. Whoever keeps these lines can tell a log that was written anew as a whole.
#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn report(tenant: TenantId, verified: &Verified) {
    let Verified { entries, last_hash, findings } = verified;
    match findings.is_empty() {
        true => println!("ok      {tenant}: {entries} entries, the last {last_hash}"),
        false => println!("broken  {tenant}: {entries} entries, the last {last_hash}"),
    }
    for finding in findings {
        println!("        {finding}");
    }
}
