//! What operators are told.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, DurationRound, Utc};

use super::{Part, Sums};
use crate::{
    id::TenantId,
    operators::QueueOverview,
    revenue::{Month, WorkspaceMonth},
};

/// How far back it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Period {
    #[default]
    Hour,
    Day,
    /// As long as figures are kept.
    Fortnight,
}

/// What happened of one name in one step of the period.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthLine {
    /// When the step began.
    pub slot: DateTime<Utc>,
    pub part: Part,
    pub name: String,
    pub sums: Sums,
}

/// A statement without what people have written.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowStatement {
    pub statement: String,
    pub calls: i64,
    /// In seconds, of all calls and of one.
    pub total: f64,
    pub mean: f64,
}

/// Who is connected to the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connections {
    /// By role, the most first.
    pub by_role: Vec<(String, i64)>,
    /// As many as Postgres takes, in all of its databases.
    pub most: i32,
    /// The size of this database.
    pub bytes: i64,
}

/// What is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// In bytes, of all workspaces.
    pub all: i64,
    pub workspaces: i64,
    /// Those that store most, at most ten.
    pub most: Vec<(TenantId, String, i64)>,
}

/// Everything on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    pub period: Period,
    pub now: DateTime<Utc>,
    pub lines: Vec<HealthLine>,
    pub queues: QueueOverview,
    pub connections: Connections,
    /// None where the database does not keep them.
    pub statements: Option<Vec<SlowStatement>>,
    pub stored: Stored,
    /// The month of the cost, and the workspaces that used most in it, at most ten.
    pub month: Month,
    pub costs: Vec<WorkspaceMonth>,
}

impl Period {
    /// Every period, the shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Fortnight];

    /// As an address has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Fortnight => "fortnight",
        }
    }

    /// The hour for any other word.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|period| period.as_str() == text).unwrap_or_default()
    }

    /// How long one step is.
    pub fn step(self) -> Duration {
        match self {
            Self::Hour => Duration::minutes(1),
            Self::Day => Duration::minutes(30),
            Self::Fortnight => Duration::hours(6),
        }
    }

    /// How many steps there are.
    pub fn steps(self) -> i32 {
        match self {
            Self::Hour => 60,
            Self::Day => 48,
            Self::Fortnight => 56,
        }
    }

    /// When each step begins, up to the one that is under way.
    pub fn slots(self, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let last = self.slot_of(now);
        (0..self.steps()).rev().map(|back| last - self.step() * back).collect()
    }

    /// When the step began in which a moment is.
    pub fn slot_of(self, moment: DateTime<Utc>) -> DateTime<Utc> {
        moment.duration_trunc(self.step()).unwrap_or(moment)
    }
}

impl Health {
    /// All of a part, step by step; steps in which nothing happened are there, and empty.
    pub fn by_slot(&self, part: Part) -> Vec<(DateTime<Utc>, Sums)> {
        let mut slots: BTreeMap<_, _> =
            self.period.slots(self.now).into_iter().map(|slot| (slot, Sums::default())).collect();
        for line in self.lines.iter().filter(|line| line.part == part) {
            if let Some(sums) = slots.get_mut(&line.slot) {
                *sums += line.sums.clone();
            }
        }
        slots.into_iter().collect()
    }

    /// All of a part by its names, in all of the period.
    pub fn by_name(&self, part: Part) -> BTreeMap<&str, Sums> {
        let mut names: BTreeMap<&str, Sums> = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.part == part) {
            *names.entry(&line.name).or_default() += line.sums.clone();
        }
        names
    }

    /// All of a part.
    pub fn all(&self, part: Part) -> Sums {
        let mut all = Sums::default();
        self.by_slot(part).into_iter().for_each(|(_, sums)| all += sums);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_reach_back_to_the_beginning_of_the_period() {
        let now = DateTime::from_timestamp(1_800_000_123, 0).unwrap();
        for (period, length) in Period::ALL.into_iter().zip([Duration::hours(1), Duration::days(1), Duration::days(14)])
        {
            let slots = period.slots(now);
            assert_eq!(slots.len(), usize::try_from(period.steps()).unwrap());
            assert!(slots.last().is_some_and(|last| *last <= now && now - *last < period.step()));
            assert_eq!(period.step() * period.steps(), length);
            assert_eq!(Period::parse(period.as_str()), period);
        }
        assert_eq!(Period::parse("always"), Period::Hour);
    }
}
