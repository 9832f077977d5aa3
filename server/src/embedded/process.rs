use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How often a process is looked at while something is expected of it.
const GLANCE: Duration = Duration::from_millis(10);
/// Signals that stop Postgres, each with the time that it gets: fast shutdown, immediate shutdown (the next start then
/// replays the log), and the end.
const WAYS_TO_STOP: [(Signal, Duration); 3] = [
    (Signal::INT, Duration::from_secs(10)),
    (Signal::QUIT, Duration::from_secs(5)),
    (Signal::KILL, Duration::from_secs(5)),
];

/// A server that we have started, kept by a thread of its own. The kernel's "stop it when the parent dies" means the
/// thread that started it, so that thread must live as long as the server.
pub struct Server {
    pid: u32,
    keeper: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(mut command: Command) -> io::Result<Self> {
        let (started, answer) = mpsc::channel();
        let keeper = thread::Builder::new().name("embedded-postgres".into()).spawn(move || match command.spawn() {
            Ok(mut child) => {
                let _ = started.send(Ok(child.id()));
                let _ = child.wait();
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        })?;
        let pid = answer.recv().map_err(|_| io::Error::other("the thread that starts Postgres ended"))??;
        Ok(Self { pid, keeper: Some(keeper) })
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    pub fn is_running(&self) -> bool {
        self.keeper.as_ref().is_some_and(|keeper| !keeper.is_finished())
    }

    /// Waits until it has stopped; at most about 20 seconds.
    pub fn stop(&mut self) {
        stop(self.pid, || self.is_running());
        if let Some(keeper) = self.keeper.take_if(|keeper| keeper.is_finished()) {
            let _ = keeper.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a start finds in `postmaster.pid`.
#[derive(Debug, PartialEq, Eq)]
pub enum Leftover {
    Nothing,
    /// The file names a process that is gone, or another program that was given its number since.
    StaleFile,
    /// A server of an earlier run is still working on this data.
    Server(u32),
}

/// Looks whether a server of an earlier run is there.
pub fn leftover(data: &Path) -> Leftover {
    let Ok(text) = fs::read_to_string(pid_file(data)) else { return Leftover::Nothing };
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
    match pid {
        Some(pid) if works_on(pid, data) => Leftover::Server(pid),
        _ => Leftover::StaleFile,
    }
}

/// Stops the server of an earlier run.
pub fn stop_leftover(pid: u32, data: &Path) {
    stop(pid, || works_on(pid, data));
}

/// Postgres's note of the server that has this data open.
pub fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// Whether this server says that it takes connections: it writes its state on the eighth line of its note.
pub fn is_ready(data: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(pid_file(data)).unwrap_or_default();
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(&pid.to_string()) && lines.nth(6) == Some("ready")
}

/// Waits for a condition; false when it did not come true in time.
pub fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if begin.elapsed() > limit {
            return false;
        }
        thread::sleep(GLANCE);
    }
}

fn stop(pid: u32, is_running: impl Fn() -> bool) {
    for (signal, time) in WAYS_TO_STOP {
        let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
        if !is_running() {
            return;
        }
        let _ = kill_process(process, signal);
        if wait_until(time, || !is_running()) {
            return;
        }
    }
}

/// A postmaster stays in the folder of its data. Another process with the same number does not, and a zombie is nowhere.
fn works_on(pid: u32, data: &Path) -> bool {
    let data = fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data)
}
