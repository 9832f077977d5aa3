//! Steps of a job, whose results are kept: another attempt repeats none that finished.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{JobContext, JobError, fault, store};
use crate::error::Result;

/// Of a name, in bytes. The table has the same limit in characters.
const MAX_NAME: usize = 100;

impl JobContext {
    /// Runs a step once: where an earlier attempt has finished it, this answers what it answered then. The name tells the steps
    /// of one job apart, and stays from one version to the next.
    ///
    /// Between the end of the step and the keeping of its result the machine may die, and then it runs again. So whatever
    /// it does elsewhere must be given [`idempotency_key`](Self::idempotency_key), which the other side has to honour.
    ///
    /// Fails as the step does, and where the job is another worker's by now: then nothing is kept.
    pub async fn step<T, F>(&self, name: &str, run: impl FnOnce() -> F + Send) -> Result<T, JobError>
    where
        T: Serialize + DeserializeOwned + Send + Sync,
        F: Future<Output = Result<T, JobError>> + Send,
    {
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(JobError::give_up(format!("a step is called {name:?}")));
        }
        if let Some(kept) = self.kept(name).await? {
            let kept = serde_json::from_value(kept);
            return kept.map_err(|error| JobError::give_up(format!("the kept result of step {name}: {error}")));
        }
        fault::point("step.before_effect");
        let result = run().await?;
        fault::point("step.after_effect");
        self.keep(name, &result).await?;
        fault::point("step.after_kept");
        Ok(result)
    }

    /// A key for what a step does elsewhere: the same in every attempt of this job, and another in any other step or job.
    pub fn idempotency_key(&self, step: &str) -> String {
        format!("{}-{step}", self.job)
    }

    async fn kept(&self, name: &str) -> Result<Option<Value>> {
        let mut tx = self.services.db.tenant(&self.system()).await?;
        let kept = store::find_step(&mut tx, self.job, name).await?;
        tx.commit().await?;
        Ok(kept)
    }

    async fn keep(&self, name: &str, result: &(impl Serialize + Sync)) -> Result<()> {
        let result = serde_json::to_value(result)?;
        let mut tx = self.services.db.tenant(&self.system()).await?;
        let holds = store::insert_step(&mut tx, self.job, self.lease().token, name, &result).await?;
        tx.commit().await?;
        if holds {
            return Ok(());
        }
        self.lose();
        Err(self.taken_over())
    }
}
