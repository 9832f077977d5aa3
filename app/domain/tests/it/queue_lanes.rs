//! Whose turn it is: within a lane, and among the lanes of a kind.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use chrono::TimeDelta;
use domain::{
    id::TenantId,
    queue::{
        Enqueue, Job, JobContext, JobError, Priority, Registry,
        machine::{self, Lanes, Taken},
    },
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    workshop::{Worker, change, number, put, put_all, settle_done, within},
    world::World,
};

/// Claimed by hand, and never run.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Brick {}

impl Job for Brick {
    const KIND: &'static str = "brick";
    const TIMEOUT: Duration = Duration::from_secs(1);

    async fn run(self, _: &JobContext) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn within_a_lane_the_priority_decides_and_then_the_time() {
    let world = World::new().await;
    let mut jobs = HashMap::new();
    for (name, priority) in [
        ("first batch", Priority::Batch),
        ("second batch", Priority::Batch),
        ("normal", Priority::Normal),
        ("first interactive", Priority::Interactive),
        ("second interactive", Priority::Interactive),
    ] {
        let options = Enqueue { priority: Some(priority), ..Enqueue::default() };
        jobs.insert(put(&world, world.acme, &Brick {}, options).await.unwrap().id, name);
    }
    let mut order = Vec::new();
    for _ in 0..5 {
        let taken = claim(&world, 1).await;
        order.push(jobs[&taken[0].held.job]);
        settle_done(&world, &taken, 0.0).await;
    }
    assert_eq!(order, ["first interactive", "second interactive", "normal", "first batch", "second batch"]);
    assert!(claim(&world, 1).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attempt_has_a_token_of_its_own() {
    let world = World::new().await;
    stock(&world, &[world.acme, world.globex], 60).await;
    let mut taken = claim(&world, 70).await;
    taken.extend(claim(&world, 70).await);
    assert_eq!(taken.len(), 120);
    let tokens: HashSet<Uuid> = taken.iter().map(|job| job.held.token).collect();
    assert_eq!(tokens.len(), 120, "of one claim and of the next");
}

#[tokio::test(flavor = "multi_thread")]
async fn twice_the_weight_is_twice_the_work() {
    let world = World::new().await;
    stock(&world, &[world.acme, world.globex], 400).await;
    weigh(&world, world.globex, 3.0).await;
    let shares = work(&world, 50, |_| 1.0).await;
    assert_eq!(shares.values().sum::<usize>(), 400);
    assert!((280..=320).contains(&shares[&world.globex]), "{shares:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_share_the_time_of_workers_and_not_the_number_of_jobs() {
    let world = World::new().await;
    stock(&world, &[world.acme, world.globex], 400).await;
    let shares = work(&world, 40, |tenant| if tenant == world.acme { 10.0 } else { 1.0 }).await;
    let (long, short) = (shares[&world.acme], shares[&world.globex]);
    // Ten times as many short ones, but for what a few long ones that were begun at once make of it.
    assert!((5..=20).contains(&(short / long)), "{long} jobs of ten seconds, and {short} of one");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_with_one_job_goes_before_a_thousand_of_a_neighbour() {
    let world = World::new().await;
    stock(&world, &[world.acme], 1_000).await;
    let running = claim(&world, 40).await;
    assert_eq!(running.len(), 40);
    settle_done(&world, &running[..20], 0.5).await;
    let job = put(&world, world.globex, &Brick {}, Enqueue::default()).await.unwrap().id;
    let next = claim(&world, 1).await;
    assert_eq!(next[0].held.job, job);
    // What the neighbour used an hour ago is forgotten: both take turns, but for what it has running.
    stock(&world, &[world.globex], 100).await;
    change(&world, "update job_lane set used_at = now() - interval '1 hour' where kind = 'brick'").await;
    let shares = work(&world, 10, |_| 1.0).await;
    assert!(shares[&world.acme] >= 20 && shares[&world.globex] >= 20, "{shares:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_running_jobs_is_exact_however_many_ask_at_once() {
    let world = World::new().await;
    stock(&world, &[world.acme, world.globex], 100).await;
    change(&world, "update job_lane set max_running = 5 where kind = 'brick'").await;
    let taken: Vec<Taken> = join_all((0..8).map(|_| claim(&world, 20))).await.into_iter().flatten().collect();
    let of = |tenant: TenantId| taken.iter().filter(|job| job.held.tenant == tenant).count();
    // A claim that finds a lane locked may pass it by, but together they never take more.
    assert!(of(world.acme) <= 5 && of(world.globex) <= 5);
    let rest = claim(&world, 20).await;
    assert_eq!(taken.len() + rest.len(), 10);
    assert!(claim(&world, 20).await.is_empty(), "the lanes are full");
    settle_done(&world, &rest, 0.0).await;
    settle_done(&world, &taken[..3], 0.0).await;
    assert_eq!(claim(&world, 20).await.len(), rest.len() + 3, "as many as have left");
    // A limit that is lowered stops nothing that runs, and lets nothing begin.
    change(&world, "update job_lane set max_running = 2 where kind = 'brick'").await;
    assert!(claim(&world, 20).await.is_empty());
    assert_eq!(number(&world, "select sum(running)::bigint from job_lane where kind = 'brick'").await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_more_tenants_than_one_claim_looks_at_each_has_its_turn() {
    let world = World::new().await;
    // The ids of those who sign up one after the other begin alike, and what the first have to do is not due.
    let tenants: Vec<Uuid> = (0..450).map(|_| world.services.clock.id()).collect();
    let mut admin = world.superuser().await;
    for statement in [
        "insert into tenant (tenant_id, name, created_at) select id, 'Tenant', now() from unnest($1::uuid[]) as id",
        "insert into job_lane (tenant_id, kind) select id, 'brick' from unnest($1::uuid[]) as id",
        "insert into job (tenant_id, id, kind, payload, max_attempts, run_at)
         select id, gen_random_uuid(), 'brick', '{}', 3, now() + case when number < 440 then interval '1 hour' else '0' end
         from unnest($1::uuid[]) with ordinality as tenant (id, number)",
    ] {
        sqlx::query(statement).bind(&tenants).execute(&mut admin).await.unwrap();
    }
    let worker = Worker::start(&world.workers, Registry::new().register::<Brick>());
    within(Duration::from_secs(10), "the jobs of the newest tenants are done", async || {
        number(&world, "select count(*) from job where kind = 'brick' and state = 'done'").await == 11
    })
    .await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_may_go_by_what_is_known_of_the_lanes() {
    let world = World::new().await;
    let [old, new] = [3600, 60].map(|seconds| world.services.clock.now() - TimeDelta::seconds(seconds));
    let mut jobs = HashMap::new();
    for (name, tenant, priority, run_at) in [
        ("before the mark", world.acme, Priority::Normal, old),
        ("behind the mark", world.acme, Priority::Normal, new),
        ("of another priority", world.acme, Priority::Batch, old),
        ("of another tenant", world.globex, Priority::Normal, new),
    ] {
        let options = Enqueue { priority: Some(priority), run_at: Some(run_at), ..Enqueue::default() };
        jobs.insert(put(&world, tenant, &Brick {}, options).await.unwrap().id, name);
    }
    let since = Some(new - TimeDelta::seconds(1));
    let known = Lanes::Of(vec![(world.acme, [since, since, None])]);
    let mut order: Vec<&str> = Vec::new();
    for lanes in [known, Lanes::After(Uuid::nil())] {
        let taken = claim_of(&world, 10, &lanes).await;
        let mut names: Vec<&str> = taken.iter().map(|job| jobs[&job.held.job]).collect();
        names.sort_unstable();
        order.extend(names);
    }
    assert_eq!(order, ["behind the mark", "of another priority", "before the mark", "of another tenant"]);
}

async fn stock(world: &World, tenants: &[TenantId], count: usize) {
    for tenant in tenants {
        put_all(world, *tenant, vec![(Brick {}, Enqueue::default()); count]).await.unwrap();
    }
}

async fn weigh(world: &World, tenant: TenantId, weight: f64) {
    let sql = format!("update job_lane set weight = {weight} where tenant_id = '{tenant}' and kind = 'brick'");
    assert_eq!(change(world, &sql).await, 1);
}

/// Has a worker with room for eight take so many batches, whose jobs take so many seconds, and counts whose they were.
async fn work(world: &World, batches: usize, seconds: impl Fn(TenantId) -> f64) -> HashMap<TenantId, usize> {
    let mut shares = HashMap::new();
    for _ in 0..batches {
        for job in claim(world, 8).await {
            *shares.entry(job.held.tenant).or_default() += 1;
            settle_done(world, std::slice::from_ref(&job), seconds(job.held.tenant)).await;
        }
    }
    shares
}

async fn claim(world: &World, room: i32) -> Vec<Taken> {
    claim_of(world, room, &Lanes::After(Uuid::nil())).await
}

async fn claim_of(world: &World, room: i32, lanes: &Lanes) -> Vec<Taken> {
    let (worker, kinds): (Uuid, _) = (world.services.clock.id(), ["brick".to_owned()]);
    let (pool, lease) = (world.workers.db.sessions(), Duration::from_secs(60));
    machine::claim(pool, worker, &kinds, &[room], lease, &[], lanes).await.unwrap()
}
