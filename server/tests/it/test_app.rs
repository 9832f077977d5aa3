//! `sheaf` processes on a fresh database.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use domain::{
    clock::Clock,
    db::setup::{self, APP, OWNER, WORKER},
    roles::Role,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

use crate::{client::Client, log_scanner};

/// Of the roles, in this cluster, which lives as long as the tests. scripts/with-servers tells it to PgBouncer.
pub const PASSWORD: &str = "test";
/// Two cores may be busy with every other test: a test that passes waits a fraction of this.
const PATIENCE: Duration = Duration::from_secs(300);

/// Of the log of a test that failed.
const LAST_LINES: usize = 200;

pub struct TestApp {
    pub url: String,
    pub admin: PgConnectOptions,
    database: String,
    data: TempDir,
    /// Where its processes log to. It is read at the end for what should not be in it.
    log: PathBuf,
    processes: Vec<Child>,
}

/// A process that ends with the test.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl TestApp {
    /// Web and worker in one process.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with more settings.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let mut app = Self::prepare().await;
        app.url = app.run("all", settings).await;
        app
    }

    /// A database and a data folder, and nothing that runs yet.
    pub async fn prepare() -> Self {
        let url =
            std::env::var("SHEAF_TEST_DATABASE_URL").expect("run these tests with `make test`, which starts Postgres");
        let admin: PgConnectOptions = url.parse().unwrap();
        let database = format!("sheaf_it_{}", Clock::system().id::<uuid::Uuid>().simple());
        let mut connection = PgConnection::connect_with(&admin).await.unwrap();
        // Roles belong to the cluster, and altering one of them at the same time from two sides is refused.
        sqlx::query("select pg_advisory_lock(24303)").execute(&mut connection).await.unwrap();
        setup::make_roles(&mut connection, PASSWORD).await.unwrap();
        setup::make_database(&admin, &database).await.unwrap();
        connection.close().await.unwrap();
        let admin = admin.database(&database);
        setup::migrate(&admin.clone().username(OWNER).password(PASSWORD)).await.unwrap();
        let data = tempfile::tempdir().unwrap();
        let log = data.path().join("log.txt");
        Self { url: String::new(), admin, database, data, log, processes: Vec::new() }
    }

    /// The same, where the test is about what is logged.
    pub async fn start_logging(settings: &[(&str, &str)]) -> Self {
        Self::start_with(settings).await
    }

    /// The folder with its data.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Where it is logged to.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Forgets what was logged so far, which somebody has read already.
    pub fn forget_logged(&self) {
        File::create(&self.log).unwrap();
    }

    /// What was logged so far.
    pub fn logged(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Starts one process in a role and returns its address; a worker has none.
    pub async fn run(&mut self, role: &str, settings: &[(&str, &str)]) -> String {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let mut command = self.command(role);
        command.env("SHEAF_ADDRESS", format!("127.0.0.1:{port}")).env("SHEAF_URL", &url).envs(settings.iter().copied());
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        self.processes.push(command.stderr(log).stdout(Stdio::null()).spawn().unwrap());
        if role != "work" {
            self.wait_until_ready(&url).await;
        }
        url
    }

    /// The program with this world's settings.
    pub fn command(&self, role: &str) -> Command {
        let address = |user: &str, server: &PgConnectOptions| {
            let (host, port) = (server.get_host(), server.get_port());
            format!("postgres://{user}:{PASSWORD}@{host}:{port}/{}", self.database)
        };
        let pooler = pooler();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sheaf"));
        command
            .arg(role)
            .env("SHEAF_DATABASE_URL", address(APP, pooler.as_ref().unwrap_or(&self.admin)))
            .env("SHEAF_WORKER_DATABASE_URL", address(WORKER, &self.admin))
            .env("SHEAF_DATA", self.data.path())
            .env("SHEAF_ADDRESS", "127.0.0.1:0")
            .env("SHEAF_LOG", "info,sqlx=warn")
            .stdin(Stdio::null());
        if pooler.is_some() {
            command
                .env("SHEAF_DATABASE_POOLER", "transaction")
                .env("SHEAF_SESSION_DATABASE_URL", address(APP, &self.admin));
        }
        command
    }

    /// The most memory that the process that was started last has ever held, in bytes.
    pub fn peak_memory(&self) -> usize {
        let id = self.processes.last().expect("a process runs").id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1024
    }

    /// Ends the process that was started last, as a power cut would.
    pub fn kill_last(&mut self) {
        let mut process = self.processes.pop().expect("a process runs");
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// A browser with a workspace of its own, signed in.
    pub async fn sign_up(&self, name: &str, workspace: &str) -> Client {
        let mut client = Client::new(&self.url);
        let email = format!("{}@{}.example", name.to_lowercase(), workspace.to_lowercase());
        let fields =
            [("name", name), ("workspace", workspace), ("email", &email), ("password", "correct horse battery")];
        client.post_form("/sign-up", &fields).await.expect_status(200).await;
        let token = self.token_mailed_to(&email).await;
        client.post_form("/verify", &[("token", &token)]).await.expect_status(303).await;
        client
    }

    /// A browser of somebody who has come into a workspace that is there, and is in it.
    pub async fn joins(&self, name: &str, workspace: &str, role: Role) -> Client {
        // Whoever signs up has a workspace of their own first.
        let own = role.as_str();
        let mut client = self.sign_up(name, own).await;
        let moved = sqlx::query(
            "with joined as (
                 insert into membership (tenant_id, account_id, role, created_at)
                 select t.tenant_id, a.id, $3, now() from tenant t, account a where t.name = $1 and a.email = $2
                 returning tenant_id, account_id
             )
             update session s set tenant_id = joined.tenant_id from joined where s.account_id = joined.account_id",
        )
        .bind(workspace)
        .bind(format!("{}@{own}.example", name.to_lowercase()))
        .bind(role.as_str())
        .execute(&mut self.superuser().await)
        .await
        .unwrap();
        assert_eq!(moved.rows_affected(), 1);
        // The access token names the workspace before; the next one is made for this.
        client.cookies.remove("__Host-at");
        client.get("/documents").await.expect_status(200).await;
        client
    }

    /// The token in the newest mail to an address.
    pub async fn token_mailed_to(&self, email: &str) -> String {
        let mut superuser = self.superuser().await;
        let text: String =
            sqlx::query_scalar("select text_body from mail where recipient = $1 order by created_at desc limit 1")
                .bind(email)
                .fetch_one(&mut superuser)
                .await
                .unwrap();
        let (_, rest) = text.split_once("token=").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect_with(&self.admin).await.unwrap()
    }

    async fn wait_until_ready(&mut self, url: &str) {
        let started = Instant::now();
        loop {
            let ready = reqwest::get(format!("{url}/readyz")).await;
            if ready.is_ok_and(|response| response.status().is_success()) {
                return;
            }
            let ended = self.processes.last_mut().and_then(|process| process.try_wait().unwrap());
            assert!(ended.is_none(), "sheaf ended at start: {ended:?}");
            assert!(started.elapsed() < PATIENCE, "sheaf is not ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A run makes hundreds of databases, which would fill a disk together. What does not work here is gone with the cluster.
    fn drop_database(&self) {
        let psql = std::env::var_os("SHEAF_TEST_POSTGRES_BIN").map(|folder| PathBuf::from(folder).join("psql"));
        if let (Some(psql), Ok(url)) = (psql, std::env::var("SHEAF_TEST_DATABASE_URL")) {
            let drop = format!("drop database if exists {} with (force)", self.database);
            Command::new(psql).args(["-X", "-q", "-d", &url, "-c", &drop]).stderr(Stdio::null()).status().ok();
        }
    }
}

impl Drop for TestApp {
    #[expect(clippy::print_stderr, reason = "whoever looks into a failure wants to know what happened last")]
    fn drop(&mut self) {
        for process in &mut self.processes {
            process.kill().ok();
            process.wait().ok();
        }
        self.drop_database();
        let log = String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned();
        if std::thread::panicking() {
            let lines: Vec<&str> = log.lines().rev().take(LAST_LINES).collect();
            lines.iter().rev().for_each(|line| eprintln!("{line}"));
            return;
        }
        let findings = log_scanner::findings(&log);
        assert!(findings.is_empty(), "what should not be in a log: {findings:#?}");
    }
}

/// Asks until it holds; a test that passes waits a fraction of the patience.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < PATIENCE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What the threads of the processes of these tests wait for, to be told where one of them does not answer.
pub fn threads() -> String {
    let own = std::process::id().to_string();
    let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
    let list = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ours = |process: &fs::DirEntry| {
        read(process.path().join("stat")).rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1))
            == Some(own.as_str())
    };
    let tasks = list("/proc".into()).filter(is_ours).flat_map(|process| list(process.path().join("task")));
    tasks
        .map(|task| {
            let part = |name| read(task.path().join(name)).trim().to_owned();
            let state = part("stat").rsplit(')').next().unwrap_or_default().chars().nth(1).unwrap_or_default();
            format!("{} {}: {state}, {}\n", task.path().display(), part("comm"), part("wchan"))
        })
        .collect()
}

/// PgBouncer in transaction mode, where scripts/with-servers started one.
pub fn pooler() -> Option<PgConnectOptions> {
    std::env::var("SHEAF_TEST_POOLER_URL").ok().map(|url| url.parse().unwrap())
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
