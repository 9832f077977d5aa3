//! All that is told of how Sheaf is.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Component, Day, Health, Incident, Severity, day::uptime};

/// Days that are kept and shown, today among them.
pub const DAYS: u32 = 90;

/// How old the last look at a part may be, in seconds: three looks that were missed are no accident.
pub const FRESH_SECONDS: i64 = 200;

/// A part, now and before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentStatus {
    pub component: Component,
    pub health: Health,
    /// Since when it is so.
    pub since: Option<DateTime<Utc>>,
    /// In per cent of the minutes that are known; none where none is.
    pub uptime: Option<f64>,
    /// The oldest first; as many as [`DAYS`].
    pub days: Vec<Day>,
}

/// How Sheaf is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// From when this is.
    pub as_of: DateTime<Utc>,
    pub components: Vec<ComponentStatus>,
    /// Those of the last 90 days, and those that are open, the newest first.
    pub incidents: Vec<Incident>,
}

/// What was counted of a part on a day.
pub(crate) struct Counted {
    pub component: Component,
    pub day: NaiveDate,
    pub ups: i32,
    pub slows: i32,
    pub downs: i32,
}

/// How a part was when somebody looked last.
pub(crate) struct Seen {
    pub component: Component,
    pub health: Health,
    pub since: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
}

impl Status {
    /// From what was counted and seen, at `now`. Payments are left out where nobody has ever looked at them: not every Sheaf
    /// sells something.
    pub(crate) fn fold(now: DateTime<Utc>, counted: &[Counted], seen: &[Seen], incidents: Vec<Incident>) -> Self {
        let by_day: BTreeMap<(Component, NaiveDate), &Counted> =
            counted.iter().map(|counted| ((counted.component, counted.day), counted)).collect();
        let components = Component::ALL.into_iter().filter_map(|component| {
            let seen = seen.iter().find(|seen| seen.component == component);
            if component == Component::Payments && seen.is_none() {
                return None;
            }
            let days: Vec<Day> = days_until(now)
                .map(|day| match by_day.get(&(component, day)) {
                    Some(known) => Day::new(day, known.ups, known.slows, known.downs, now),
                    None => Day::new(day, 0, 0, 0, now),
                })
                .collect();
            let fresh = seen.filter(|seen| (now - seen.seen_at).num_seconds() <= FRESH_SECONDS);
            let health = fresh.map_or(Health::Unknown, |seen| seen.health);
            let since = fresh.map(|seen| seen.since);
            Some(ComponentStatus { component, health, since, uptime: uptime(&days), days })
        });
        Self { as_of: now, components: components.collect(), incidents }
    }

    /// Nothing is known, at `now`.
    pub fn unknown(now: DateTime<Utc>) -> Self {
        Self::fold(now, &[], &[], Vec::new())
    }

    /// The same while the database does not answer: it is down, and so is the website, as no page that people work with can be shown
    /// without it. Of the other parts nobody knows.
    pub fn unheard(&self) -> Self {
        let mut status = self.clone();
        for part in &mut status.components {
            let is_down = matches!(part.component, Component::Database | Component::Website);
            part.health = if is_down { Health::Down } else { Health::Unknown };
            part.since = None;
        }
        status
    }

    /// Incidents that are not resolved.
    pub fn open(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.iter().filter(|incident| incident.resolved_at.is_none())
    }

    /// The worst of all, and a sentence for it.
    pub fn summary(&self) -> (Health, &'static str) {
        let any = |health| self.components.iter().any(|component| component.health == health);
        if any(Health::Down) || self.open().any(|incident| incident.severity == Severity::Critical) {
            (Health::Down, "Some parts of Sheaf do not work.")
        } else if any(Health::Slow) || self.open().next().is_some() {
            (Health::Slow, "Sheaf works, with some trouble.")
        } else if any(Health::Unknown) {
            (Health::Unknown, "How Sheaf is now is not known for all parts.")
        } else {
            (Health::Up, "All parts of Sheaf work.")
        }
    }
}

/// The days that are shown, the oldest first.
fn days_until(now: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
    let today = now.date_naive();
    (0..u64::from(DAYS)).rev().map(move |ago| today.checked_sub_days(Days::new(ago)).unwrap_or(today))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_seen_lately_is_not_known() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let seen = |component, ago| {
            let at = now - chrono::TimeDelta::seconds(ago);
            Seen { component, health: Health::Up, since: at, seen_at: at }
        };
        let counted = [Counted { component: Component::Mail, day: now.date_naive(), ups: 9, slows: 0, downs: 1 }];
        let status = Status::fold(now, &counted, &[seen(Component::Mail, 60), seen(Component::Files, 600)], vec![]);
        let of = |component| status.components.iter().find(|status| status.component == component);
        let (mail, files) = (of(Component::Mail).unwrap(), of(Component::Files).unwrap());
        assert_eq!((mail.health, mail.uptime, mail.days.len()), (Health::Up, Some(90.0), 90));
        assert_eq!((files.health, files.uptime), (Health::Unknown, None));
        assert_eq!(of(Component::Payments), None);
        assert_eq!(status.summary().0, Health::Unknown);
    }

    #[test]
    fn without_the_database_no_page_is_shown_and_of_the_rest_nobody_knows() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let seen = Seen { component: Component::Mail, health: Health::Up, since: now, seen_at: now };
        let status = Status::fold(now, &[], &[seen], vec![]).unheard();
        let down = |part: &&ComponentStatus| part.health == Health::Down;
        let parts: Vec<Component> = status.components.iter().filter(down).map(|part| part.component).collect();
        assert_eq!(parts, [Component::Website, Component::Database]);
        assert!(status.components.iter().all(|part| part.health != Health::Up && part.since.is_none()));
        assert_eq!(status.summary().0, Health::Down);
    }
}
