//! One round: a database of its own, jobs, workers that die, and what became of the jobs.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitStatus,
    time::Duration,
};

use domain::{audit::Act, queue::JobState};
use serde_json::{Value, json};
use sqlx::types::Uuid;
use tokio::time::{Instant, sleep};

use super::{
    Arena,
    fleet::{self, Worker, was_killed},
    history::{Accepted, Call, End, History, Moment, Row, Running, Task, Violation, held_by},
};

/// For the jobs of a round to end once its fault is over.
const PATIENCE: Duration = Duration::from_secs(90);

/// After which nothing is under way any more that a dead worker asked the database for.
const LAST_STATEMENT: Duration = Duration::from_millis(200);

/// The jobs of a round. They are put into the queue in this order.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub long: usize,
    /// What each of those takes.
    pub milliseconds: u64,
    pub doomed: usize,
    pub flaky: usize,
    pub steps: usize,
}

pub struct Round<'a> {
    pub arena: &'a Arena,
    pub database: String,
    pub history: History,
    fault: String,
    started: usize,
}

pub struct Outcome {
    pub fault: String,
    pub jobs: usize,
    pub recoveries: Vec<Duration>,
    pub throughput: Option<(f64, f64)>,
    pub violations: Vec<Violation>,
}

impl<'a> Round<'a> {
    pub async fn open(arena: &'a Arena, fault: String) -> Self {
        let database = arena.new_database().await;
        Self { arena, database, history: History::default(), fault, started: 0 }
    }

    /// Puts jobs into the queue. Those were accepted of which the process said so.
    pub async fn enqueue(&mut self, load: Load, settings: &[(&str, &str)]) -> ExitStatus {
        let plan = json!({
            "tenants": self.arena.tenants,
            "long": load.long,
            "milliseconds": load.milliseconds,
            "doomed": load.doomed,
            "flaky": load.flaky,
            "steps": load.steps,
        });
        let (status, said) = fleet::run(self.arena, &self.database, &["enqueue", &plan.to_string()], settings).await;
        let ids = said.iter().map(|line| serde_json::from_str::<Uuid>(line).unwrap());
        self.history.accepted.extend(ids.map(|job| Accepted { job, task: None, cancelled: None }));
        status
    }

    /// Cancels the job that was accepted after so many others.
    pub async fn cancel(&mut self, number: usize) {
        let job = self.history.accepted[number].job;
        let mut connection = self.arena.cluster.connect(&self.database).await;
        let tenant = sqlx::query_scalar::<_, Uuid>("select tenant_id from job where id = $1").bind(job);
        let tenant = tenant.fetch_one(&mut connection).await.unwrap().to_string();
        let (status, _) = fleet::run(self.arena, &self.database, &["cancel", &tenant, &job.to_string()], &[]).await;
        assert!(status.success(), "a job could not be cancelled: {status}");
        self.history.accepted[number].cancelled = Some(self.arena.effects.now());
    }

    /// A worker under this name, whoever has had it.
    pub fn start(&mut self, name: &str, settings: &[(&str, &str)]) -> Worker {
        self.started += 1;
        let name = format!("{}-{name}#{}", self.database, self.started);
        Worker::start(self.arena, &self.database, &name, settings)
    }

    /// Waits until the jobs have begun that were accepted first, so many of them.
    pub async fn begun(&self, jobs: usize) {
        let first: BTreeSet<Uuid> = self.history.accepted[..jobs].iter().map(|accepted| accepted.job).collect();
        let since = Instant::now();
        while !first.is_subset(&self.calls().iter().map(|call| call.job).collect()) {
            assert!(since.elapsed() < PATIENCE, "the first {jobs} jobs have not begun in {}", self.database);
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn kill(&mut self, worker: &mut Worker) {
        let at = self.arena.effects.now();
        worker.kill().await;
        self.note_death(worker, at).await;
    }

    /// Waits for the fault that the worker was started with.
    pub async fn await_death(&mut self, worker: &mut Worker) {
        self.history.missed |= !worker.ended(was_killed).await;
        let at = self.arena.effects.now();
        if self.history.missed {
            worker.kill_if_alive().await;
        }
        self.note_death(worker, at).await;
    }

    /// Lets the worker stop in order.
    pub async fn stop(&mut self, worker: &mut Worker) {
        let held = held_by(&worker.name, &self.running().await, &self.calls());
        // Another may have begun what was handed back before the process has ended.
        let at = self.arena.effects.now();
        worker.ask_to_stop();
        self.history.missed |= !worker.ended(|status| status.success()).await;
        self.history.ends.push(End { worker: worker.name.clone(), at, is_clean: true, held });
    }

    /// Jobs that were done in a second, in so many until now.
    pub fn rate(&self, seconds: u32) -> f64 {
        let since = self.arena.effects.now().saturating_sub(Duration::from_secs(seconds.into()));
        let is_last = |call: &Call| call.effect.as_ref().is_some_and(|effect| effect.step == "deliver");
        let calls = self.calls();
        let done: BTreeSet<Uuid> =
            calls.iter().filter(|call| call.at >= since && is_last(call)).map(|call| call.job).collect();
        f64::from(u32::try_from(done.len()).unwrap()) / f64::from(seconds)
    }

    /// Waits for the jobs, stops the workers, and looks what became of everything.
    pub async fn close(mut self, workers: Vec<Worker>) -> Outcome {
        self.wait_for_jobs().await;
        for mut worker in workers {
            worker.ask_to_stop();
            worker.ended(|_| true).await;
        }
        self.history.calls = self.calls();
        self.look_at_the_table().await;
        self.arena.cluster.drop_database(&self.database).await;
        Outcome {
            jobs: self.history.accepted.len(),
            recoveries: self.history.recoveries(),
            throughput: self.history.throughput,
            violations: self.history.check(),
            fault: self.fault,
        }
    }

    fn calls(&self) -> Vec<Call> {
        self.arena.effects.calls_of(&format!("{}-", self.database))
    }

    async fn note_death(&mut self, worker: &Worker, at: Moment) {
        sleep(LAST_STATEMENT).await;
        let held = held_by(&worker.name, &self.running().await, &self.calls());
        self.history.ends.push(End { worker: worker.name.clone(), at, is_clean: false, held });
    }

    async fn running(&self) -> Vec<Running> {
        let running = "select id, attempt, worker from job
                       where state = 'running' and kind in ('chaos_work', 'chaos_doomed')";
        let running = sqlx::query_as::<_, (Uuid, i32, Option<Uuid>)>(running);
        let running = running.fetch_all(&mut self.arena.cluster.connect(&self.database).await).await.unwrap();
        running.into_iter().map(|(job, attempt, process)| Running { job, attempt, process }).collect()
    }

    /// Those that do not end in time are lost, which the checker finds.
    async fn wait_for_jobs(&self) {
        let unfinished = "select exists (select from job
                                         where finished_at is null and kind in ('chaos_work', 'chaos_doomed'))";
        let mut connection = self.arena.cluster.connect(&self.database).await;
        let since = Instant::now();
        while sqlx::query_scalar::<_, bool>(unfinished).fetch_one(&mut connection).await.unwrap() {
            if since.elapsed() > PATIENCE {
                return;
            }
            sleep(Duration::from_millis(300)).await;
        }
    }

    /// What was committed and could not be said any more was accepted too.
    async fn look_at_the_table(&mut self) {
        let mut connection = self.arena.cluster.connect(&self.database).await;
        let jobs = "select id, kind, payload, state, attempt from job where kind in ('chaos_work', 'chaos_doomed')";
        let jobs = sqlx::query_as::<_, (Uuid, String, Value, String, i32)>(jobs);
        let jobs = jobs.fetch_all(&mut connection).await.unwrap();
        let mut tasks: BTreeMap<Uuid, Task> =
            jobs.iter().map(|(job, kind, payload, ..)| (*job, Task::parse(kind, payload))).collect();
        for accepted in &mut self.history.accepted {
            accepted.task = tasks.remove(&accepted.job);
        }
        let unsaid = tasks.into_iter().map(|(job, task)| Accepted { job, task: Some(task), cancelled: None });
        self.history.accepted.extend(unsaid);
        let state = |word: String| serde_json::from_value::<JobState>(word.into()).unwrap();
        let rows = jobs.into_iter().map(|(job, _, _, word, attempt)| Row { job, state: state(word), attempt });
        self.history.rows = rows.collect();
        let torn = "select (select count(*) from audit_entry entry
                            where entry.act = $1 and not exists (select from job where job.id = entry.subject_id))
                         + (select count(*) from job
                            where kind in ('chaos_work', 'chaos_doomed')
                              and not exists (select from audit_entry entry where entry.subject_id = job.id))";
        let torn = sqlx::query_scalar::<_, i64>(torn).bind(Act::ReportAsked.as_str());
        self.history.torn = torn.fetch_one(&mut connection).await.unwrap();
    }
}
