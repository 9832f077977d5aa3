use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::Duration,
};

use super::{
    cluster::Cluster,
    error::EmbeddedError,
    folder::Folder,
    process::{self, Leftover, Server},
};

/// The port can be taken between asking for a free one and using it; and after a server was killed, the last of its
/// processes may hold its memory for a moment.
const TRIES: u32 = 4;
/// After a crash Postgres replays its log before it is ready; a large one takes its time.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A Postgres that belongs to this process: it is started with it and stopped with it, also when it is dropped, and a
/// killed run leaves nothing that blocks the next one.
pub struct EmbeddedPostgres {
    server: Server,
    port: u16,
    password: String,
    // Held for as long as the server runs; the kernel lets go of it however we end.
    _lock: File,
}

impl EmbeddedPostgres {
    /// Starts the server on the data in `data_dir`, making it first where there is none, and returns when it takes
    /// connections. `bin` is the folder with Postgres's programs (see [`super::find_binaries`]); `say` gets a sentence for
    /// the person at the terminal where something takes long or is not as they may expect. Blocks: 1 to 3 seconds the
    /// first time, about 0.2 seconds afterwards.
    ///
    /// Started by root, the server runs as another user, to whom the folder is given. When that user may not enter it,
    /// the data lies in a folder of its own under /var/lib/sheaf.
    ///
    /// # Errors
    /// When another Sheaf uses the folder, the data is of another version or another user, or Postgres does not start.
    pub fn start(data_dir: &Path, bin: &Path, say: impl Fn(&str)) -> Result<Self, EmbeddedError> {
        let folder = Folder::choose(data_dir)?;
        tell_where(&folder, bin, &say)?;
        folder.create()?;
        let lock = lock(&folder)?;
        let cluster = Cluster { folder: &folder, programs: bin };
        let password = cluster.password()?;
        clear(&cluster, &say)?;
        cluster.init(&say)?;
        let (server, port) = start_server(&cluster)?;
        Ok(Self { server, port, password, _lock: lock })
    }

    /// The superuser's address of one of its databases, on a port that differs from start to start. A fresh cluster has
    /// one database, `postgres`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@{}:{}/{database}", self.password, Ipv4Addr::LOCALHOST, self.port)
    }

    /// Whether it has not ended by itself.
    pub fn is_running(&self) -> bool {
        self.server.is_running()
    }

    /// Ends all connections and stops the server in order. Blocks until it has stopped.
    pub fn stop(mut self) {
        self.server.stop();
    }
}

fn tell_where(folder: &Folder, bin: &Path, say: &impl Fn(&str)) -> Result<(), EmbeddedError> {
    let Some(account) = folder.account() else { return Ok(()) };
    if !folder.can_run(bin) {
        return Err(EmbeddedError::Unreachable { path: bin.to_owned(), user: account.name.clone() });
    }
    if let Some(wanted) = folder.moved_from() {
        let (wanted, path, user) = (wanted.display(), folder.path().display(), &account.name);
        say(&format!(
            "Postgres does not run as root, and the user {user} may not enter {wanted}: the database is kept in {path}"
        ));
    }
    Ok(())
}

/// One Sheaf at a time: a second one would take the first one's server for the remains of a killed run.
fn lock(folder: &Folder) -> Result<File, EmbeddedError> {
    let path = folder.path().join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(EmbeddedError::io("open", &path))?;
    folder.hand_over(&path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            return Err(EmbeddedError::InUse { path: folder.path().to_owned(), pid: pid.trim().into() });
        }
        Err(TryLockError::Error(error)) => return Err(EmbeddedError::io("lock", &path)(error)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(EmbeddedError::io("write", &path))?;
    Ok(file)
}

/// Removes what a killed run has left.
fn clear(cluster: &Cluster<'_>, say: &impl Fn(&str)) -> Result<(), EmbeddedError> {
    let data = cluster.data();
    match process::leftover(&data) {
        Leftover::Nothing => return Ok(()),
        Leftover::StaleFile => {}
        Leftover::Server(pid) => {
            say("Stopping the database server that a killed run left behind");
            process::stop_leftover(pid, &data);
        }
    }
    let note = process::pid_file(&data);
    match fs::remove_file(&note) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(EmbeddedError::io("remove", &note)(error)),
        _ => Ok(()),
    }
}

fn start_server(cluster: &Cluster<'_>) -> Result<(Server, u16), EmbeddedError> {
    for attempt in 0..TRIES {
        std::thread::sleep(Duration::from_millis(300) * attempt);
        let port = free_port()?;
        let server = Server::start(cluster.server(port)?).map_err(EmbeddedError::io("start", cluster.programs))?;
        let mut ready = false;
        process::wait_until(START_LIMIT, || {
            ready = process::is_ready(&cluster.data(), server.pid());
            ready || !server.is_running()
        });
        if ready {
            return Ok((server, port));
        }
    }
    Err(cluster.failed("Postgres"))
}

fn free_port() -> Result<u16, EmbeddedError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(EmbeddedError::io("listen on", "127.0.0.1"))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
