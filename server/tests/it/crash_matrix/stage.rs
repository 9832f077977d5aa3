//! What a round is played on: a server that sells, tells events and sends mail, Ada, who has a workspace there, and workers of one
//! kind, one after the other.

use std::{
    fs::{self, File},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::Signal;
use sqlx::{Connection, PgConnection};
use tokio::time::timeout;

use super::kind::{Kind, RENEWAL};
use crate::{
    client::Client,
    http_sink::HttpSink,
    smtp_sink::SmtpSink,
    test_app::{Process, TestApp, eventually},
    way::{Fault, Way},
};

/// For a worker to come to the place at which it dies, beside others that start: alone it takes four seconds at most.
const DEATH: Duration = Duration::from_secs(60);

/// The state of a job, and its attempts.
pub type JobRow = (String, i32);

pub struct Stage {
    pub app: TestApp,
    pub ada: Client,
    pub mails: SmtpSink,
    pub events: HttpSink,
    /// That leads to where events are told.
    way: Way,
    settings: Vec<(&'static str, String)>,
    /// The ids of her documents, in the order in which she uploaded them.
    pub documents: Vec<String>,
}

impl Stage {
    pub async fn open() -> Self {
        let (mails, events) = (SmtpSink::start().await, HttpSink::start().await);
        let way = Way::to(events.url.trim_start_matches("http://").parse().unwrap()).await;
        // Stripe is away, so that credits count and nothing is asked of anybody.
        let settings = vec![
            ("SHEAF_STRIPE_KEY", "sk_test_nobody".to_owned()),
            ("SHEAF_STRIPE_URL", "http://127.0.0.1:1".to_owned()),
            ("SHEAF_STRIPE_WEBHOOK_SECRETS", "whsec_nobody".to_owned()),
            ("SHEAF_SMTP_URL", mails.url.clone()),
            ("SHEAF_POSTHOG_URL", format!("http://{}", way.address())),
            ("SHEAF_POSTHOG_KEY", "phc_test".to_owned()),
        ];
        let mut app = TestApp::prepare().await;
        app.url = app.run("serve", &pairs(&settings)).await;
        let ada = app.sign_up("Ada", "Acme").await;
        Self { app, ada, mails, events, way, settings, documents: Vec::new() }
    }

    /// Starts a worker of this kind alone.
    pub async fn works(&mut self, kind: Kind) {
        let mut settings = pairs(&self.settings);
        settings.push(("SHEAF_KINDS", kind.name()));
        self.app.run("work", &settings).await;
    }

    /// Has all jobs of a kind done by a worker to which nothing happens before that.
    pub async fn does(&mut self, kind: Kind) {
        self.works(kind).await;
        self.when_done(kind).await;
        self.app.kill_last();
    }

    /// Has Ada's files read.
    pub async fn reads(&mut self, files: &[(&str, &[u8])]) {
        for (name, content) in files {
            let id = self.ada.uploads(name, *content).await;
            self.documents.push(id);
        }
        self.does(Kind::ReadDocument).await;
    }

    /// Starts a worker of this kind alone that is to die at this place, and waits until it has.
    pub async fn loses_a_worker(&mut self, kind: Kind, place: &str) {
        let held = if place == RENEWAL { self.hold(kind).await } else { None };
        let log = File::options().create(true).append(true).open(self.app.log()).unwrap();
        let mut command = self.app.command("work");
        command.envs(pairs(&self.settings)).env("SHEAF_KINDS", kind.name());
        command.env("SHEAF_FAULT", format!("{place}:1")).stdout(Stdio::null()).stderr(log);
        let mut worker = Process(command.spawn().unwrap());
        let death = eventually("the worker dies", async || worker.0.try_wait().unwrap());
        let Ok(status) = timeout(DEATH, death).await else {
            panic!("a worker of {} never came to {place}", kind.name());
        };
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{} at {place}: {status}", kind.name());
        self.way.suffers(None);
        if let Some(held) = held {
            held.close().await.unwrap();
        }
    }

    /// Keeps the job of this kind from going on, for as long as the connection is there or until the way is well again.
    async fn hold(&self, kind: Kind) -> Option<PgConnection> {
        let Some(lock) = kind.lock() else {
            self.way.suffers(Some(Fault::Silent));
            return None;
        };
        let mut superuser = self.app.superuser().await;
        sqlx::raw_sql(lock).execute(&mut superuser).await.unwrap();
        Some(superuser)
    }

    /// The jobs of a kind, as they are now.
    pub async fn jobs(&self, kind: Kind) -> Vec<JobRow> {
        jobs(&mut self.app.superuser().await, kind).await
    }

    /// The same once there is one, and all are done.
    pub async fn when_done(&self, kind: Kind) -> Vec<JobRow> {
        let mut superuser = self.app.superuser().await;
        eventually(kind.name(), async || {
            let jobs = jobs(&mut superuser, kind).await;
            let is_over = |state: &str| state == "dead" || state == "cancelled";
            assert!(!jobs.iter().any(|(state, _)| is_over(state)), "{}: {jobs:?}", kind.name());
            let is_done = !jobs.is_empty() && jobs.iter().all(|(state, _)| state == "done");
            is_done.then_some(jobs)
        })
        .await
    }

    /// One number that the database answers.
    pub async fn number(&self, question: &'static str) -> i64 {
        sqlx::query_scalar(question).fetch_one(&mut self.app.superuser().await).await.unwrap()
    }

    /// Changes one row, as nobody in the product does.
    pub async fn change(&self, statement: &'static str) {
        let changed = sqlx::query(statement).execute(&mut self.app.superuser().await).await.unwrap();
        assert_eq!(changed.rows_affected(), 1, "{statement}");
    }

    /// What is stored of all workspaces in this part of their folders: the keys, in order.
    pub fn stored(&self, part: &str) -> Vec<String> {
        let folder = self.store();
        let mut paths = Vec::new();
        list(&folder, &mut paths);
        let keys = paths.iter().map(|path| path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned());
        let mut keys: Vec<String> = keys.filter(|key| key.split('/').nth(1) == Some(part)).collect();
        keys.sort_unstable();
        keys
    }

    /// The folder in which the store is.
    pub fn store(&self) -> PathBuf {
        self.app.data().join("files")
    }
}

fn pairs<'a>(settings: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

async fn jobs(superuser: &mut PgConnection, kind: Kind) -> Vec<JobRow> {
    let jobs = sqlx::query_as("select state, attempt from job where kind = $1 order by id").bind(kind.name());
    jobs.fetch_all(superuser).await.unwrap()
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { list(&path, paths) } else { paths.push(path) }
    }
}
