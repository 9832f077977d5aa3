//! The side that enqueues.

use std::{error::Error, time::Duration};

use domain::{
    Result, Services,
    actor::System,
    queue::{self, Enqueue},
};
use serde::Deserialize;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{naps::Nap, tenant};

/// Jobs in each transaction of a batch. The peers get as many at once.
const BATCH: u64 = 1_000;

#[derive(Deserialize)]
pub struct Bulk {
    jobs: u64,
    #[serde(default = "one")]
    tenant: u64,
    #[serde(default)]
    nap: u64,
    #[serde(default)]
    group: u8,
}

/// So many transactions each second, in turn by each of some tenants.
#[derive(Deserialize)]
pub struct Steady {
    rate: f64,
    seconds: f64,
    /// Jobs in each transaction.
    #[serde(default = "one")]
    batch: u64,
    /// The number of the first tenant.
    #[serde(default = "one")]
    tenant: u64,
    #[serde(default = "one")]
    tenants: u64,
    #[serde(default)]
    nap: u64,
    #[serde(default)]
    group: u8,
}

fn one() -> u64 {
    1
}

pub async fn one_by_one(services: &Services, jobs: u64) -> Result<()> {
    for _ in 0..jobs {
        enqueue(services, 1, 1, 0, 0).await?;
    }
    Ok(())
}

impl Bulk {
    pub async fn enqueue(&self, services: &Services) -> Result<()> {
        let mut left = self.jobs;
        while left > 0 {
            let jobs = left.min(BATCH);
            enqueue(services, self.tenant, jobs, self.group, self.nap).await?;
            left -= jobs;
        }
        Ok(())
    }
}

impl Steady {
    /// How many jobs those were.
    pub async fn enqueue(&self, services: &Services) -> Result<u64, Box<dyn Error>> {
        let (began, moments) = (Instant::now(), self.moments(services));
        let jobs = moments.len() as u64 * self.batch;
        let mut enqueued = JoinSet::new();
        for (moment, tenant) in moments {
            sleep_until(began + moment).await;
            let (services, batch, group, nap) = (services.clone(), self.batch, self.group, self.nap);
            enqueued.spawn(async move { enqueue(&services, tenant, batch, group, nap).await });
        }
        while let Some(one) = enqueued.join_next().await {
            one??;
        }
        Ok(jobs)
    }

    /// When each transaction is due, and of which tenant, in their order. Each tenant keeps to a beat that begins at random,
    /// as people do not take turns.
    fn moments(&self, services: &Services) -> Vec<(Duration, u64)> {
        let period = self.tenants as f64 / self.rate;
        let mut moments = Vec::new();
        for tenant in self.tenant..self.tenant + self.tenants {
            let part = f64::from(u32::from_le_bytes(services.clock.random())) / f64::from(u32::MAX);
            let mut moment = if self.tenants > 1 { period * part } else { 0.0 };
            while moment < self.seconds {
                moments.push((Duration::from_secs_f64(moment), tenant));
                moment += period;
            }
        }
        moments.sort();
        moments
    }
}

/// One transaction with as many jobs.
async fn enqueue(services: &Services, number: u64, jobs: u64, group: u8, nap: u64) -> Result<()> {
    let job = Nap { at: services.clock.now().timestamp_micros(), group, nap };
    let mut tx = services.db.tenant(&System::for_tenant(tenant(number))).await?;
    if jobs == 1 {
        queue::enqueue(&mut tx, &services.clock, &job, Enqueue::default()).await?;
    } else {
        let jobs = (0..jobs).map(|_| (job, Enqueue::default())).collect();
        queue::enqueue_all(&mut tx, &services.clock, jobs).await?;
    }
    tx.commit().await
}
