//! `sheaf queue`: the work of all workspaces, for whoever is on the machine. It signs in to the database as the owner of the
//! schema: no server may look at all of it without an operator.

use std::process::ExitCode;

use clap::Subcommand;
use domain::{
    Result,
    db::Db,
    operators::{self, KindLine, PauseLine, QueueOverview, WorkerLine},
};

use super::needs;
use crate::{boot, config::Config};

#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// Print what waits, runs and died of each kind, who works, and what is held up
    Status,
}

/// One connection asks; the other listens for announcements, which is part of the services.
const CONNECTIONS: u32 = 2;

pub async fn queue(QueueCommand::Status: QueueCommand, config: Config) -> Result<ExitCode> {
    let (databases, embedded) = boot::databases(&config).await?;
    let found = async {
        let owner = databases.owner.ok_or_else(|| needs("SHEAF_OWNER_DATABASE_URL", "sheaf_owner"))?;
        operators::overview_of_owner(&boot::services(&config, Db::open(owner, CONNECTIONS))?).await
    };
    let found = found.await;
    embedded.stop();
    show(&found?);
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn show(overview: &QueueOverview) {
    let unserved: Vec<&str> = overview.unserved().map(|kind| kind.kind.as_str()).collect();
    let QueueOverview { kinds, workers, pauses } = overview;
    println!(
        "{:<24} {:>8} {:>9} {:>9} {:>9} {:>7} {:>9}",
        "kind", "running", "waiting", "later", "oldest", "dead", "done"
    );
    kinds.iter().map(kind).for_each(|line| println!("{line}"));
    if let Some(recent) = kinds.first().map(|kind| kind.recent_seconds) {
        println!("done: within the last {recent:.0} s");
    }
    if !unserved.is_empty() {
        println!("no worker does: {}", unserved.join(", "));
    }
    println!("\nworkers: {}", workers.iter().filter(|worker| worker.is_alive()).count());
    workers.iter().map(worker).for_each(|line| println!("{line}"));
    println!("\nheld up: {}", pauses.len());
    pauses.iter().map(pause).for_each(|line| println!("{line}"));
}

fn kind(kind: &KindLine) -> String {
    let more = if kind.is_more { "+" } else { "" };
    let (waiting, scheduled) = (format!("{}{more}", kind.waiting), format!("{}{more}", kind.scheduled));
    let oldest = kind.oldest_seconds.map_or_else(|| "-".into(), |seconds| format!("{seconds:.1} s"));
    let KindLine { kind, running, dead, done, .. } = kind;
    format!("{kind:<24} {running:>8} {waiting:>9} {scheduled:>9} {oldest:>9} {dead:>7} {done:>9}")
}

fn worker(worker: &WorkerLine) -> String {
    let state = if worker.is_alive() { "works" } else { "silent" };
    let WorkerLine { name, kinds, silent_seconds, .. } = worker;
    format!("{name}  {state}, last seen {silent_seconds:.0} s ago: {}", kinds.join(", "))
}

fn pause(pause: &PauseLine) -> String {
    let what = pause.kind.as_deref().or(pause.name.as_deref()).unwrap_or_default();
    let PauseLine { reason, paused_by, paused_at, .. } = pause;
    format!("{what}  by {paused_by}, since {}: {reason}", paused_at.format("%Y-%m-%d %H:%M UTC"))
}
