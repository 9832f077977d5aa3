//! A Postgres and a Redis of these tests alone, as all others would miss theirs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use domain::db::setup::{APP, WORKER};
use futures::future::join_all;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::sleep,
};

use crate::world::{PASSWORD, servers_folder};

/// The database that those of all rounds are cloned from; examples/queue_chaos.rs makes it.
pub const TEMPLATE: &str = "sheaf";

/// For a Postgres that starts again.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Cluster {
    /// With the logs of all processes.
    pub folder: TempDir,
    url: String,
    redis_port: u16,
    redis: Mutex<Option<Child>>,
}

impl Cluster {
    pub async fn start() -> Self {
        let folder = servers_folder();
        assert!(postgres("start", folder.path(), &[]).status().await.unwrap().success());
        let url = fs::read_to_string(folder.path().join("url")).unwrap();
        let cluster = Self { folder, url, redis_port: free_port(), redis: Mutex::default() };
        cluster.start_redis().await;
        cluster
    }

    /// The address of a database, as the superuser.
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.url)
    }

    pub fn redis_url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.redis_port)
    }

    /// A connection as the superuser. It waits for a Postgres that is away.
    pub async fn connect(&self, database: &str) -> PgConnection {
        let (options, begun) = (self.options(database), Instant::now());
        loop {
            match PgConnection::connect_with(&options).await {
                Ok(connection) => return connection,
                Err(error) => assert!(begun.elapsed() < PATIENCE, "the Postgres of these tests is away: {error}"),
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn clone_template(&self, database: &str) {
        let clone = format!("create database {database} template {TEMPLATE}");
        self.connect("postgres").await.execute(AssertSqlSafe(clone)).await.unwrap();
    }

    pub async fn drop_database(&self, database: &str) {
        let drop = format!("drop database {database} with (force)");
        self.connect("postgres").await.execute(AssertSqlSafe(drop)).await.unwrap();
    }

    /// Stops Postgres and starts it again: `fast` lets it tidy up, `immediate` does not.
    pub async fn restart(&self, mode: &str) {
        assert!(postgres("restart", self.folder.path(), &[mode]).status().await.unwrap().success());
    }

    /// Ends the connections of all workers.
    pub async fn cut(&self, database: &str) {
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and usename = $1";
        sqlx::query(cut).bind(WORKER).execute(&mut self.connect(database).await).await.unwrap();
    }

    /// All connections that Postgres has left to give, until they are dropped.
    pub async fn take_all_connections(&self, database: &str) -> Vec<PgConnection> {
        let options = self.options(database).username(APP).password(PASSWORD);
        let mut taken = Vec::new();
        loop {
            let asked = join_all((0..20).map(|_| PgConnection::connect_with(&options))).await;
            let is_empty = asked.iter().any(Result::is_err);
            taken.extend(asked.into_iter().flatten());
            if is_empty {
                return taken;
            }
        }
    }

    pub async fn start_redis(&self) {
        let port = self.redis_port.to_string();
        let settings = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let mut redis = Command::new("redis-server");
        redis.args(settings).current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        *self.redis.lock().await = Some(redis.stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap());
    }

    pub async fn kill_redis(&self) {
        if let Some(mut redis) = self.redis.lock().await.take() {
            redis.kill().await.unwrap();
        }
    }

    fn options(&self, database: &str) -> PgConnectOptions {
        self.url(database).parse().unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Where it fails, the next run of scripts/with-servers removes what is left.
        let _ = std::process::Command::new(script()).arg("stop").arg(self.folder.path()).status();
    }
}

fn postgres(act: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(script());
    command.arg(act).arg(folder).args(arguments).stdin(Stdio::null());
    command
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/chaos-postgres")
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
