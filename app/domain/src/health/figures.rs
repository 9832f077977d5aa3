//! Sums that can be added, and what is read out of them.

use std::{ops::AddAssign, time::Duration};

/// Where each bucket of what a person waits for ends, in seconds. 0.5 is what counts as slow.
pub const REQUEST_BOUNDS: [f64; 12] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 20.0];

/// The same of what is done later: a mail in a tenth of a second, a large document in minutes.
pub const WORK_BOUNDS: [f64; 10] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0];

/// Buckets that are kept, the last of which has no end. Work leaves two of them empty.
pub const BUCKETS: usize = REQUEST_BOUNDS.len() + 1;

/// What is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// By class of routes.
    Requests,
    /// Attempts of jobs, by kind.
    Jobs,
    /// Questions to caches, by name. Those that it did not know count as failed.
    Caches,
    /// Answers that a client could have had already, by class of routes. Those that it had not count as failed.
    Tagged,
    /// Bytes that were not sent because a client had them, by class of routes.
    Spared,
}

/// What happened of one name in some time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums {
    pub number: i64,
    /// How many of them failed.
    pub failed: i64,
    /// What they took, all together.
    pub seconds: f64,
    /// How many ended within each bucket, and not within the one before.
    pub buckets: [i64; BUCKETS],
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 5] = [Self::Requests, Self::Jobs, Self::Caches, Self::Tagged, Self::Spared];

    /// As the database has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Jobs => "jobs",
            Self::Caches => "caches",
            Self::Tagged => "tagged",
            Self::Spared => "spared",
        }
    }

    /// None for any other word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == text)
    }

    /// Where its buckets end, in seconds.
    pub fn bounds(self) -> &'static [f64] {
        match self {
            Self::Jobs => &WORK_BOUNDS,
            Self::Requests | Self::Caches | Self::Tagged | Self::Spared => &REQUEST_BOUNDS,
        }
    }
}

impl Sums {
    /// Counts one more, which took so long.
    pub fn add(&mut self, part: Part, took: Duration, failed: bool) {
        let seconds = took.as_secs_f64();
        self.number += 1;
        self.failed += i64::from(failed);
        self.seconds += seconds;
        let bounds = part.bounds();
        self.buckets[bounds.iter().position(|bound| seconds <= *bound).unwrap_or(bounds.len())] += 1;
    }

    /// How long the quickest `share` of all took at most, in seconds: as exact as the buckets are narrow, and the last bound where
    /// it took longer. None where nothing happened.
    pub fn quantile(&self, part: Part, share: f64) -> Option<f64> {
        let (bounds, wanted) = (part.bounds(), share * self.number as f64);
        let (mut before, mut from) = (0.0, 0.0);
        for (bound, number) in bounds.iter().zip(self.buckets) {
            let number = number as f64;
            if number > 0.0 && before + number >= wanted {
                return Some(from + (bound - from) * ((wanted - before) / number).clamp(0.0, 1.0));
            }
            (before, from) = (before + number, *bound);
        }
        (self.number > 0).then_some(from)
    }

    /// The part of a thousand that failed; none where nothing happened.
    pub fn failed_per_mille(&self) -> Option<i64> {
        (self.failed * 1_000).checked_div(self.number)
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.number += other.number;
        self.failed += other.failed;
        self.seconds += other.seconds;
        self.buckets.iter_mut().zip(other.buckets).for_each(|(one, other)| *one += other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: &[u64]) -> Sums {
        let mut sums = Sums::default();
        for took in milliseconds {
            sums.add(Part::Requests, Duration::from_millis(*took), *took > 1_000);
        }
        sums
    }

    #[test]
    fn what_is_counted_is_in_one_bucket() {
        let sums = of(&[0, 2, 3, 60, 30_000]);
        assert_eq!((sums.number, sums.failed), (5, 1));
        assert_eq!(sums.buckets, [2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(sums.failed_per_mille(), Some(200));
    }

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let sums = of(&[[40; 98].as_slice(), &[900, 60_000]].concat());
        assert!(sums.quantile(Part::Requests, 0.5).is_some_and(|half| (0.025..0.05).contains(&half)));
        assert!(sums.quantile(Part::Requests, 0.99).is_some_and(|high| (0.5..=1.0).contains(&high)));
        assert_eq!(sums.quantile(Part::Requests, 1.0), Some(20.0), "beyond the last bound nobody knows");
        assert_eq!(Sums::default().quantile(Part::Requests, 0.5), None);
        assert_eq!(Sums::default().failed_per_mille(), None);
    }

    #[test]
    fn sums_are_added() {
        let mut sums = of(&[1, 60]);
        sums += of(&[1, 2_000]);
        assert_eq!((sums.number, sums.failed, sums.buckets[0]), (4, 1, 2));
        assert!(WORK_BOUNDS.len() < BUCKETS && sums.buckets.iter().sum::<i64>() == sums.number);
    }
}
