//! What `sheaf <command>` does.

mod audit;
mod billing;
mod child;
mod doctor;
mod export;
mod fronts;
mod import;
mod keys;
mod operator;
mod purge;
mod queue;
mod seed;
mod serve;

pub use self::{
    audit::AuditCommand,
    billing::BillingCommand,
    child::{ReadChild, TypesetChild},
    export::Export,
    import::Import,
    keys::KeysCommand,
    operator::OperatorCommand,
    purge::Purge,
    queue::QueueCommand,
};

use std::process::ExitCode;

use domain::{
    Error, Result, Services,
    db::{Db, setup},
};
use sqlx::postgres::PgConnectOptions;

use crate::{
    boot::{self, Databases},
    config::{Command, Config},
};

/// Runs a command to its end; for the servers, until a signal.
pub async fn run(command: Command, config: Config) -> Result<ExitCode> {
    match command {
        Command::All => serve::all(config).await,
        Command::Serve => serve::serve(config).await,
        Command::Work => serve::work(config).await,
        Command::Migrate => migrate(config).await,
        Command::Seed => seed::seed_alone(config).await,
        Command::Doctor => doctor::doctor(config).await,
        Command::Audit(command) => audit::run(command, config).await,
        Command::Billing(command) => billing::run(command, config).await,
        Command::Export(export) => export::export(config, export).await,
        Command::Import(import) => import::import(config, import).await,
        Command::Keys { command } => keys::keys(command, config).await,
        Command::Operator { command } => operator::operator(command, config).await,
        Command::Purge(purge) => purge::purge(config, purge).await,
        Command::Queue { command } => queue::queue(command, config).await,
        Command::Read(_) | Command::Typeset(_) => Err(Error::internal("children run without a runtime")),
    }
}

async fn migrate(config: Config) -> Result<ExitCode> {
    let (databases, embedded) = boot::databases(&config).await?;
    let owner = databases.owner.ok_or_else(|| needs("SHEAF_OWNER_DATABASE_URL", "sheaf_owner"))?;
    let migrated = setup::migrate(&owner).await;
    embedded.stop();
    migrated?;
    tracing::info!("the schema is up to date");
    Ok(ExitCode::SUCCESS)
}

/// The services of a command that signs in to the database as a worker. No replica is asked.
fn services_of_worker(config: &Config, databases: &Databases) -> Result<Services> {
    boot::services(config, Db::open(worker_of(databases)?, config.database_connections))
}

/// How a worker reaches the database.
fn worker_of(databases: &Databases) -> Result<PgConnectOptions> {
    databases.worker.clone().ok_or_else(|| needs("SHEAF_WORKER_DATABASE_URL", "sheaf_worker"))
}

/// A setting is missing that this command cannot do without.
fn needs(setting: &str, role: &str) -> Error {
    Error::internal(format!("this needs {setting}: the same database, as the role {role}"))
}
