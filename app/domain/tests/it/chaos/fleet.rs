//! The processes that are harmed: examples/queue_chaos.rs, in its parts.

use std::{
    fs::{self, File},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStdin, Command},
    time::timeout,
};

use super::Arena;

/// For a process that is to end by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that works, and ends with this value.
pub struct Worker {
    /// Like no other one's: the name that it has in common with those before and after it, and a number.
    pub name: String,
    child: Child,
    _pipe: Option<ChildStdin>,
}

impl Worker {
    pub fn start(arena: &Arena, database: &str, name: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = program(arena, database, name);
        let mut child = command.arg("work").envs(settings.iter().copied()).stdout(Stdio::null()).spawn().unwrap();
        Self { name: name.to_owned(), _pipe: child.stdin.take(), child }
    }

    /// As a machine that loses its power.
    pub async fn kill(&mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }

    /// The same where it should be dead by now.
    pub async fn kill_if_alive(&mut self) {
        // It fails where there is nothing to kill.
        let _ = self.child.kill().await;
    }

    pub fn ask_to_stop(&self) {
        if let Some(process) = self.child.id().and_then(|id| Pid::from_raw(id.try_into().unwrap())) {
            kill_process(process, Signal::TERM).unwrap();
        }
    }

    /// Whether it ended in time, and as `is_expected` says.
    pub async fn ended(&mut self, is_expected: impl Fn(ExitStatus) -> bool) -> bool {
        // What waits would close the pipe, if it had it.
        timeout(PATIENCE, self.child.wait()).await.is_ok_and(|status| is_expected(status.unwrap()))
    }
}

/// Whether a process was killed, as a fault kills it.
pub fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(Signal::KILL.as_raw())
}

/// Runs another part to its end, or to its death: how it ended, and the lines that it said.
pub async fn run(
    arena: &Arena,
    database: &str,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (ExitStatus, Vec<String>) {
    let mut command = program(arena, database, &format!("{database}-{}", arguments[0]));
    let command = command.args(arguments).envs(settings.iter().copied()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (pipe, stdout) = (child.stdin.take(), child.stdout.take());
    let mut said = String::new();
    stdout.unwrap().read_to_string(&mut said).await.unwrap();
    let status = child.wait().await.unwrap();
    drop(pipe);
    (status, said.lines().map(str::to_owned).collect())
}

/// It ends with the pipe that is its input, and so with these tests. Its log is beside the database.
fn program(arena: &Arena, database: &str, name: &str) -> Command {
    let log = File::options().create(true).append(true).open(arena.cluster.folder.path().join(format!("{name}.log")));
    let mut command = Command::new(path());
    command
        .env("SHEAF_CHAOS_DATABASE", arena.cluster.url(database))
        .env("SHEAF_CHAOS_REDIS", arena.cluster.redis_url())
        .env("SHEAF_CHAOS_EFFECTS", arena.effects.address.to_string())
        .env("SHEAF_CHAOS_WORKER", name)
        .stdin(Stdio::piped())
        .stderr(log.unwrap())
        .kill_on_drop(true);
    command
}

/// Cargo builds the examples before it runs all tests, and not where it is asked for these alone.
fn path() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().and_then(|folder| folder.parent()).unwrap().join("examples/queue_chaos");
    assert!(
        fs::exists(&path).unwrap(),
        "build it first: cargo build -p domain --features server --example queue_chaos"
    );
    path
}
