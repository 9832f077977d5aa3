use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{TryRng, rngs::SysRng};

use super::{error::EmbeddedError, folder::Folder};

/// A log is set aside when it has grown to this, and the one before it is dropped: 5 MB.
const LARGEST_LOG: u64 = 5_000_000;

/// The data of Postgres, made or to be made, and the programs that work on it.
pub struct Cluster<'a> {
    pub folder: &'a Folder,
    pub programs: &'a Path,
}

/// The major version that wrote the data in this folder, if there is any.
pub fn written_by(folder: &Path) -> Option<u32> {
    fs::read_to_string(folder.join("cluster/PG_VERSION")).ok()?.trim().parse().ok()
}

impl Cluster<'_> {
    /// Postgres's own folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("cluster")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("postgres.log")
    }

    /// The superuser's password. Made at the first start and kept for the account alone.
    pub fn password(&self) -> Result<String, EmbeddedError> {
        let path = self.folder.path().join("password");
        if path.exists() {
            return fs::read_to_string(&path).map_err(EmbeddedError::io("read", &path)).map(|text| text.trim().into());
        }
        if written_by(self.folder.path()).is_some() {
            return Err(EmbeddedError::NoPassword { path });
        }
        let mut bytes = [0; 24];
        SysRng.try_fill_bytes(&mut bytes).expect("the system gives random bytes");
        let password = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(EmbeddedError::io("write", &path))?;
        file.write_all(password.as_bytes()).map_err(EmbeddedError::io("write", &path))?;
        self.folder.hand_over(&path)?;
        Ok(password)
    }

    /// Makes the data where there is none. It takes its name when it is whole: a first start that is interrupted leaves
    /// nothing that looks like data.
    ///
    /// The collation is C: it sorts as fast as bytes compare, and never changes with the system's libraries. The
    /// character types are Unicode's: without them, search would take É and é for two letters.
    pub fn init(&self, say: &impl Fn(&str)) -> Result<(), EmbeddedError> {
        if written_by(self.folder.path()).is_some() {
            return Ok(());
        }
        say(&format!("Making a database in {} (once)", self.folder.path().display()));
        let unfinished = self.folder.path().join("cluster.part");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(EmbeddedError::io("remove", &unfinished))?;
        }
        let log = self.open_log()?;
        let status = self
            .command(&self.programs.join("initdb"))
            .args([
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "--lc-ctype=C.UTF-8",
                "--auth=scram-sha-256",
            ])
            .arg("--pwfile")
            .arg(self.folder.path().join("password"))
            .arg("--pgdata")
            .arg(&unfinished)
            .stdout(log.try_clone().map_err(EmbeddedError::io("open", self.log()))?)
            .stderr(log)
            .status()
            .map_err(EmbeddedError::io("start", self.programs.join("initdb")))?;
        if !status.success() {
            return Err(self.failed("initdb"));
        }
        fs::rename(&unfinished, self.data()).map_err(EmbeddedError::io("name", self.data()))
    }

    /// The server's command line, to listen on this port of the loopback address and nowhere else.
    pub fn server(&self, port: u16) -> Result<Command, EmbeddedError> {
        let log = self.open_log()?;
        let mut command = match lifeline() {
            Some(setpriv) => {
                let mut command = self.command(&setpriv);
                command.args(["--pdeathsig", "INT", "--"]).arg(self.programs.join("postgres"));
                command
            }
            None => self.command(&self.programs.join("postgres")),
        };
        command.arg("-D").arg(self.data());
        for setting in settings(port) {
            command.args(["-c", &setting]);
        }
        command.stdout(log.try_clone().map_err(EmbeddedError::io("open", self.log()))?).stderr(log);
        Ok(command)
    }

    /// An error with the end of the log, which says why.
    pub fn failed(&self, program: &'static str) -> EmbeddedError {
        let log = self.log();
        let text = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        EmbeddedError::Failed { program, log, tail: lines[lines.len().saturating_sub(12)..].join("\n") }
    }

    /// Every program gets the account, none of our environment (it may hold secrets), and a process group of its own:
    /// Ctrl-C at the terminal reaches Sheaf alone, which then stops its parts in order.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8").env("TZ", "UTC");
        command.current_dir("/").process_group(0).stdin(Stdio::null());
        if let Some(account) = self.folder.account() {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    fn open_log(&self) -> Result<File, EmbeddedError> {
        let log = self.log();
        if fs::metadata(&log).is_ok_and(|metadata| metadata.len() > LARGEST_LOG) {
            fs::rename(&log, log.with_extension("log.old")).map_err(EmbeddedError::io("set aside", &log))?;
        }
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&log);
        let file = file.map_err(EmbeddedError::io("open", &log))?;
        self.folder.hand_over(&log)?;
        Ok(file)
    }
}

/// The program that asks the kernel to stop Postgres when we are killed. Where it is missing, the next start does it.
fn lifeline() -> Option<PathBuf> {
    ["/usr/bin/setpriv", "/bin/setpriv"].into_iter().map(PathBuf::from).find(|path| path.exists())
}

fn settings(port: u16) -> Vec<String> {
    let memory = megabytes_of_memory();
    vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        // A socket's path is limited to 107 bytes, and a checkout may lie deeper than that.
        "unix_socket_directories=".into(),
        format!("shared_buffers={}MB", (memory / 16).clamp(32, 256)),
        format!("effective_cache_size={}MB", (memory / 4).max(128)),
        "work_mem=8MB".into(),
        "maintenance_work_mem=64MB".into(),
        "max_connections=100".into(),
        "max_wal_size=512MB".into(),
        // Compiling a plan costs more than any of our queries.
        "jit=off".into(),
        "timezone=UTC".into(),
        "log_timezone=UTC".into(),
        "log_line_prefix=%m [%p] ".into(),
        // The text of a failed statement can hold what a person wrote.
        "log_min_error_statement=panic".into(),
        "log_checkpoints=off".into(),
    ]
}

fn megabytes_of_memory() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes =
        text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok());
    kilobytes.unwrap_or(1_000_000_u64) / 1024
}
