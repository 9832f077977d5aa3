//! How far a job is.

use serde::{Deserialize, Serialize};

/// What a running job tells of itself: `{ "stage": "reading", "done": 3, "of": 12 }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it does now, in a word or two, for people.
    pub stage: String,
    /// How many pieces are done, in whatever the stage counts.
    pub done: u64,
    /// Of how many, where that is known.
    pub of: Option<u64>,
}

impl Progress {
    /// A stage of which nothing is counted.
    pub fn stage(stage: impl Into<String>) -> Self {
        Self { stage: stage.into(), done: 0, of: None }
    }

    /// From 0 to 1; none where it is not known of how many.
    pub fn share(&self) -> Option<f64> {
        match self.of? {
            0 => Some(0.0),
            of => Some((self.done as f64 / of as f64).min(1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_something() {
        let share = |done, of| Progress { stage: "reading".into(), done, of }.share();
        assert_eq!(
            [share(0, Some(0)), share(1, Some(4)), share(9, Some(4)), share(3, None)],
            [Some(0.0), Some(0.25), Some(1.0), None]
        );
    }
}
