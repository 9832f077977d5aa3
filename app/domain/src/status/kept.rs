//! What was found while the database was away, in the memory of this process until it can be written down.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Component, Health};

/// Minutes that are kept: a day, of about 200 bytes each. The database forgets single minutes later than that, so that none is
/// brought that it could count twice.
pub(super) const MINUTES: usize = 24 * 60;

/// By minute and part. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Kept {
    minutes: Arc<Mutex<Minutes>>,
}

type Minutes = BTreeMap<DateTime<Utc>, BTreeMap<Component, Health>>;

impl Kept {
    /// Keeps what was found of a minute; of two results of one part the worse. The oldest minute goes where there are too many.
    pub fn keep(&self, minute: DateTime<Utc>, found: &[(Component, Health)]) {
        let mut minutes = self.lock();
        let known = minutes.entry(minute).or_default();
        for (component, health) in found {
            known.entry(*component).and_modify(|known| *known = known.worse(*health)).or_insert(*health);
        }
        while minutes.len() > MINUTES {
            minutes.pop_first();
        }
    }

    /// What was found now, or what is kept of the same minute where that is worse.
    pub fn with(&self, minute: DateTime<Utc>, found: Vec<(Component, Health)>) -> Vec<(Component, Health)> {
        let minutes = self.lock();
        let Some(known) = minutes.get(&minute) else { return found };
        let worse = |(component, health): (Component, Health)| {
            (component, known.get(&component).map_or(health, |known| known.worse(health)))
        };
        found.into_iter().map(worse).collect()
    }

    /// All that is kept, the oldest first, without what is more than a day old at `now`.
    pub fn all(&self, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Component, Health)> {
        let mut minutes = self.lock();
        minutes.retain(|minute, _| now - *minute < TimeDelta::days(1));
        let parts = minutes
            .iter()
            .flat_map(|(minute, parts)| parts.iter().map(move |(component, health)| (*minute, *component, *health)));
        parts.collect()
    }

    /// Forgets what was written down. What has become worse meanwhile stays.
    pub fn forget(&self, written: &[(DateTime<Utc>, Component, Health)]) {
        let mut minutes = self.lock();
        for (minute, component, health) in written {
            let Some(parts) = minutes.get_mut(minute) else { continue };
            if parts.get(component) == Some(health) {
                parts.remove(component);
            }
            if parts.is_empty() {
                minutes.remove(minute);
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Minutes> {
        self.minutes.lock().expect("no thread panics while it holds this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(number: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(number)
    }

    #[test]
    fn the_worst_of_a_minute_is_kept_until_it_is_written_down() {
        let kept = Kept::default();
        kept.keep(minute(1), &[(Component::Files, Health::Down), (Component::Mail, Health::Up)]);
        kept.keep(minute(1), &[(Component::Files, Health::Up), (Component::Mail, Health::Slow)]);
        let written = kept.all(minute(2));
        let worst = [(minute(1), Component::Files, Health::Down), (minute(1), Component::Mail, Health::Slow)];
        assert_eq!(written, worst);
        let now = vec![(Component::Files, Health::Up), (Component::Search, Health::Up)];
        let both = [(Component::Files, Health::Down), (Component::Search, Health::Up)];
        assert_eq!(kept.with(minute(1), now.clone()), both);
        assert_eq!(kept.with(minute(2), now.clone()), now);
        kept.keep(minute(1), &[(Component::Mail, Health::Down)]);
        kept.forget(&written);
        assert_eq!(kept.all(minute(2)), [(minute(1), Component::Mail, Health::Down)], "it has become worse meanwhile");
        kept.forget(&kept.all(minute(2)));
        assert!(kept.is_empty());
    }

    #[test]
    fn no_more_than_a_day_is_kept() {
        let kept = Kept::default();
        for number in 0..1_500 {
            kept.keep(minute(number), &[(Component::Database, Health::Down)]);
        }
        let all = kept.all(minute(1_500));
        assert_eq!((all.len(), all[0].0), (MINUTES - 1, minute(61)), "the first of those that are left is a day old");
        assert!(kept.all(minute(3_000)).is_empty(), "it could be brought too late");
        assert!(kept.is_empty());
    }
}
