//! Everything that is measured: each figure under one name, with its unit and what it says. Whoever counts something writes
//! `metrics::JOBS_CLAIMED.add(1, [("kind", kind)])`; where nobody asks for figures, that does nothing.
//!
//! A label is one of a few words of ours: a kind, an outcome, the template of a route. It is never an id, a name, or what
//! somebody has sent, since each value makes a series that is kept for as long as the process lives.

pub mod minute;

use std::time::Duration;

use ::metrics::{Label, SharedString, Unit};

/// What only grows while the process lives. Its name ends with `_total`.
#[derive(Debug, Clone, Copy)]
pub struct Counter {
    pub name: &'static str,
    pub help: &'static str,
}

/// What goes up and down.
#[derive(Debug, Clone, Copy)]
pub struct Gauge {
    pub name: &'static str,
    pub unit: Unit,
    pub help: &'static str,
}

/// How long something took, in seconds, counted by buckets.
#[derive(Debug, Clone, Copy)]
pub struct Seconds {
    pub name: &'static str,
    /// Where each bucket ends.
    pub buckets: &'static [f64],
    pub help: &'static str,
}

/// For a figure that is one for the process.
pub const NO_LABELS: [(&str, &str); 0] = [];

/// Of what a person waits for. 0.5 is what counts as slow.
const REQUEST: &[f64] = &crate::health::REQUEST_BOUNDS;

/// Of what is done later: a mail in a tenth of a second, a large document in minutes.
const WORK: &[f64] = &crate::health::WORK_BOUNDS;

/// Declares figures of one type, and lists them.
macro_rules! figures {
    ($type:ident, $list:ident, $what:literal: $($name:ident { $($field:ident: $value:expr),+ } $help:literal;)+) => {
        $(
            #[doc = $help]
            pub const $name: $type = $type { $($field: $value,)+ help: $help };
        )+

        #[doc = $what]
        pub const $list: &[$type] = &[$($name),+];
    };
}

figures! { Counter, COUNTERS, "Every counter.":
    HTTP_REQUESTS { name: "sheaf_http_requests_total" }
        "Requests that were answered, by method, route and class of status; those that operators have switched off, and those that their client gave up.";
    JOBS_CLAIMED { name: "sheaf_jobs_claimed_total" }
        "Attempts of jobs that this process has begun, by kind.";
    JOBS_ENDED { name: "sheaf_jobs_ended_total" }
        "Attempts that have ended here, by kind and outcome: done, failed (to be tried again), dead, cancelled, left.";
    CACHE_LOOKUPS { name: "sheaf_cache_lookups_total" }
        "Questions to a cache, by its name and outcome: hit, stale, shared (Redis knew), miss, and error (Redis did not answer).";
    NOT_MODIFIED { name: "sheaf_not_modified_total" }
        "Answers that said that the client has it already, by route.";
    NOT_MODIFIED_BYTES { name: "sheaf_not_modified_bytes_total" }
        "Bytes that were not sent because of that, likewise; of those that were compressed already as they are compressed.";
    TAGGED_ANSWERS { name: "sheaf_tagged_answers_total" }
        "Answers with a tag, by route: those that were sent, and those that said that the client has it already.";
    MAILS { name: "sheaf_mails_total" }
        "Tries to send a mail, by outcome: sent, failed (to be tried again), refused; and mails that were given up.";
    STRIPE_EVENTS { name: "sheaf_stripe_events_total" }
        "What Stripe has told, by outcome: taken, known (it came before), refused, failed.";
    ENTITLEMENT_DRIFT { name: "sheaf_entitlement_drift_total" }
        "Workspaces of which the hourly sweep found that Stripe had another subscription than we, and no event had told of it.";
    PASSWORDS_REFUSED { name: "sheaf_passwords_refused_total" }
        "Passwords that were not hashed, since too many waited.";
    COLLECT_FAILURES { name: "sheaf_collect_failures_total" }
        "Times that the database did not tell what waits in the queue; its figures are then those of before.";
    DATABASE_READS { name: "sheaf_database_reads_total" }
        "Reads that a replica may answer, by place (replica, primary) and why it was there; only where there are replicas.";
    TELEMETRY_DROPPED { name: "sheaf_telemetry_dropped_total" }
        "Traces, slow requests and errors that were told or kept nowhere, as too many came or nobody took them; by what it was.";
}

figures! { Gauge, GAUGES, "Every gauge.":
    HTTP_IN_FLIGHT { name: "sheaf_http_requests_in_flight", unit: Unit::Count }
        "Requests whose answer has not begun.";
    QUEUE_WAITING { name: "sheaf_queue_waiting", unit: Unit::Count }
        "Jobs of all workspaces that are due, by kind. Counted to 10,001.";
    QUEUE_SCHEDULED { name: "sheaf_queue_scheduled", unit: Unit::Count }
        "Jobs that wait for their time or for their next attempt, by kind. Counted to 10,001.";
    QUEUE_RUNNING { name: "sheaf_queue_running", unit: Unit::Count }
        "Jobs that run, in all processes together, by kind.";
    QUEUE_OLDEST { name: "sheaf_queue_oldest_seconds", unit: Unit::Seconds }
        "For how long the job has been due that waits longest, by kind; zero where none waits.";
    QUEUE_UNSERVED { name: "sheaf_queue_unserved_jobs", unit: Unit::Count }
        "Unfinished jobs that no process does, by kind; other stands for all kinds that this version does not know. Counted to 10,001.";
    QUEUE_UNFAIRNESS { name: "sheaf_queue_unfairness", unit: Unit::Count }
        "By kind, the most that a workspace has used of the workers for its weight, as a multiple of the mean of those that wait.";
    DATABASE_CONNECTIONS { name: "sheaf_database_connections", unit: Unit::Count }
        "Connections that are open, by pool and state: used, idle.";
    DATABASE_MOST { name: "sheaf_database_connections_max", unit: Unit::Count }
        "Connections that a pool may open.";
    DATABASE_WAITING { name: "sheaf_database_waiting", unit: Unit::Count }
        "Transactions that have been asked for and have not begun.";
    REPLICA_USED { name: "sheaf_replica_used", unit: Unit::Count }
        "Whether this process asks a replica (1) or not (0), by its place in the settings.";
    REPLICA_AGE { name: "sheaf_replica_lag_seconds", unit: Unit::Seconds }
        "How old what a replica shows is at most, likewise; the primary is asked about once a second.";
    REPLICA_BYTES { name: "sheaf_replica_lag_bytes", unit: Unit::Bytes }
        "Bytes of the primary's log that a replica has not replayed, likewise.";
    PART_READY { name: "sheaf_part_ready", unit: Unit::Count }
        "Whether a part answered (1) or not (0) when this process asked it last, by part: every 15 seconds at most for these figures.";
    PASSWORDS_RUNNING { name: "sheaf_passwords_running", unit: Unit::Count }
        "Passwords that are being hashed. Two are at once.";
    CACHE_BREAKER { name: "sheaf_cache_breaker_open", unit: Unit::Count }
        "One while Redis is not asked any more, since it did not answer or was slow; otherwise zero.";
    PASSWORDS_WAITING { name: "sheaf_passwords_waiting", unit: Unit::Count }
        "Passwords that wait to be hashed. Beyond 200, a sign-in is refused.";
    MEMORY { name: "process_resident_memory_bytes", unit: Unit::Bytes }
        "Memory that the process holds.";
    STARTED { name: "process_start_time_seconds", unit: Unit::Seconds }
        "When the process began, in seconds since the beginning of 1970.";
    BUILD { name: "sheaf_build_info", unit: Unit::Count }
        "Always one; the label says which version runs.";
}

figures! { Seconds, TIMES, "Everything whose time is measured.":
    HTTP_SECONDS { name: "sheaf_http_request_duration_seconds", buckets: REQUEST }
        "From a request's arrival to the beginning of its answer, by method and route.";
    JOB_LAG { name: "sheaf_job_lag_seconds", buckets: WORK }
        "From when a job was due to when an attempt of it has begun, by kind.";
    JOB_SECONDS { name: "sheaf_job_duration_seconds", buckets: WORK }
        "What one attempt of a job takes, by kind.";
    READ_SECONDS { name: "sheaf_read_duration_seconds", buckets: WORK }
        "What it takes to read a document or the rest of it, by format and by the state that it is left in.";
    DATABASE_BEGIN { name: "sheaf_database_begin_duration_seconds", buckets: REQUEST }
        "From asking for a connection to the beginning of its transaction, which takes one round trip more; by outcome.";
    PASSWORD_SECONDS { name: "sheaf_password_hash_duration_seconds", buckets: REQUEST }
        "From asking for the hash of a password to having it; most of it is waiting where many sign in.";
    STRIPE_SECONDS { name: "sheaf_stripe_call_duration_seconds", buckets: REQUEST }
        "What a call of Stripe takes with all its attempts, by outcome: done, refused, unavailable, unanswered.";
}

impl Counter {
    /// Counts so many more. Zero makes the series known, so that its first event can be told from none.
    pub fn add<V: Into<SharedString>, const N: usize>(&self, events: u64, labels: [(&'static str, V); N]) {
        ::metrics::counter!(self.name, labelled(labels)).increment(events);
    }

    /// Says what it is to whoever keeps the figures.
    pub fn describe(&self) {
        ::metrics::describe_counter!(self.name, Unit::Count, self.help);
    }
}

impl Gauge {
    pub fn set<V: Into<SharedString>, const N: usize>(&self, value: f64, labels: [(&'static str, V); N]) {
        ::metrics::gauge!(self.name, labelled(labels)).set(value);
    }

    /// Moves it up, or down where `change` is below zero.
    pub fn change<V: Into<SharedString>, const N: usize>(&self, change: f64, labels: [(&'static str, V); N]) {
        ::metrics::gauge!(self.name, labelled(labels)).increment(change);
    }

    /// Says what it is to whoever keeps the figures.
    pub fn describe(&self) {
        ::metrics::describe_gauge!(self.name, self.unit, self.help);
    }
}

impl Seconds {
    pub fn took<V: Into<SharedString>, const N: usize>(&self, time: Duration, labels: [(&'static str, V); N]) {
        ::metrics::histogram!(self.name, labelled(labels)).record(time.as_secs_f64());
    }

    /// Says what it is to whoever keeps the figures.
    pub fn describe(&self) {
        ::metrics::describe_histogram!(self.name, Unit::Seconds, self.help);
    }
}

/// Counts that a cache was asked, and whether it knew.
pub fn looked_up(cache: &'static str, is_known: bool) {
    answered_by_cache(cache, if is_known { "hit" } else { "miss" });
}

/// Counts what became of a question to a cache: "hit", "stale" or "shared" where it knew, "miss", or "error" where it could not be
/// asked, after which whoever asked looks elsewhere.
pub fn answered_by_cache(cache: &'static str, outcome: &'static str) {
    if outcome != "error" {
        minute::looked_up(cache, outcome != "miss");
    }
    CACHE_LOOKUPS.add(1, [("cache", cache), ("outcome", outcome)]);
}

/// Counts an answer that a client could have had already: whether it had, and then how many bytes it was not sent. `class` is the
/// word for the route among the figures of a minute, if it has one.
pub fn tagged(route: &str, class: Option<&'static str>, is_known: bool, spared: u64) {
    let route = || [("route", route.to_owned())];
    TAGGED_ANSWERS.add(1, route());
    if is_known {
        NOT_MODIFIED.add(1, route());
        NOT_MODIFIED_BYTES.add(spared, route());
    }
    if let Some(class) = class {
        minute::tagged(class, is_known, spared);
    }
}

fn labelled<V: Into<SharedString>, const N: usize>(labels: [(&'static str, V); N]) -> Vec<Label> {
    labels.into_iter().map(|(name, value)| Label::new(name, value)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_figure_has_a_name_of_its_own_that_says_its_unit() {
        let counters = COUNTERS.iter().map(|counter| (counter.name, "_total", counter.help));
        let gauges = GAUGES.iter().map(|gauge| {
            let unit = match gauge.unit {
                Unit::Seconds => "_seconds",
                Unit::Bytes => "_bytes",
                _ => "",
            };
            (gauge.name, unit, gauge.help)
        });
        let times = TIMES.iter().map(|time| (time.name, "_seconds", time.help));
        let all: Vec<_> = counters.chain(gauges).chain(times).collect();
        for (name, unit, help) in &all {
            assert!(name.ends_with(unit) && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_')), "{name}");
            assert!(help.ends_with('.') && !help.contains('\n'), "{name}: {help}");
        }
        let names: BTreeSet<&str> = all.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names.len(), all.len(), "{names:?}");
    }

    #[test]
    fn buckets_are_few_and_grow() {
        for time in TIMES {
            assert!(time.buckets.len() <= 12 && time.buckets.is_sorted_by(|less, more| less < more), "{}", time.name);
        }
    }
}
