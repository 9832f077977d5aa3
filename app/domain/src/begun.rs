//! Which work goes on after an answer that says that it does.

use serde::{Deserialize, Serialize};

use crate::id::JobId;

/// Jobs that are named; of more only the number is told.
pub const NAMED: usize = 100;

/// The jobs that do what somebody has asked for, and by whose ids it is followed: `{ "job": "…", "jobs": ["…"], "count": 1 }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The job, where it is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// The first [`NAMED`] of them.
    #[serde(default)]
    pub jobs: Vec<JobId>,
    /// How many they are.
    #[serde(default)]
    pub count: u64,
}

impl Begun {
    /// One job.
    pub fn one(job: JobId) -> Self {
        Self::of(vec![job])
    }

    /// All of these.
    pub fn of(mut jobs: Vec<JobId>) -> Self {
        let count = jobs.len() as u64;
        jobs.truncate(NAMED);
        Self { job: jobs.first().copied().filter(|_| count == 1), jobs, count }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn jobs(count: u128) -> Vec<JobId> {
        (1..=count).map(|number| JobId(Uuid::from_u128(number))).collect()
    }

    #[test]
    fn one_is_named_alone_and_of_very_many_the_first() {
        let one = jobs(1)[0];
        let told = serde_json::to_value(Begun::one(one)).unwrap();
        assert_eq!(told, json!({ "job": one, "jobs": [one], "count": 1 }));
        let many = Begun::of(jobs(250));
        assert_eq!((many.job, many.jobs.as_slice(), many.count), (None, &jobs(100)[..], 250));
        assert_eq!(serde_json::to_value(Begun::of(Vec::new())).unwrap(), json!({ "jobs": [], "count": 0 }));
    }
}
