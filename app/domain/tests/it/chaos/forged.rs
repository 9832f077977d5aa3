//! Histories that never were: each with one thing in it that must not happen, which the checker finds, and nothing else.

use std::time::Duration;

use domain::queue::JobState;
use sqlx::types::Uuid;

use super::history::{Accepted, Call, Effect, End, History, Row, Running, Task, Violation, held_by, p99};

const JOB: Uuid = Uuid::from_u128(1);
const DOOMED: Uuid = Uuid::from_u128(2);

const NOTHING: [Violation; 0] = [];

/// A job of three steps, of which a kill cut the second short, and one that died as it should.
fn sound() -> History {
    let accepted = |job, task| Accepted { job, task: Some(task), cancelled: None };
    let row = |job, state, attempt| Row { job, state, attempt };
    History {
        accepted: vec![accepted(JOB, Task::Steps), accepted(DOOMED, Task::Doomed)],
        calls: vec![
            begun(JOB, 1, "ada#1", 1.0),
            effect(JOB, "reserve", "ada#1", 1.1),
            effect(JOB, "charge", "ada#1", 1.2),
            begun(JOB, 2, "ada#2", 13.2),
            effect(JOB, "charge", "ada#2", 13.3),
            effect(JOB, "deliver", "ada#2", 13.4),
            effect(DOOMED, "told", "ada#2", 14.0),
        ],
        rows: vec![row(JOB, JobState::Done, 2), row(DOOMED, JobState::Dead, 3)],
        ends: vec![End { worker: "ada#1".into(), at: at(1.2), is_clean: false, held: [JOB].into() }],
        ..History::default()
    }
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn begun(job: Uuid, attempt: i32, worker: &str, seconds: f64) -> Call {
    Call { job, attempt, worker: worker.into(), at: at(seconds), effect: None }
}

fn effect(job: Uuid, step: &str, worker: &str, seconds: f64) -> Call {
    let effect = Effect { step: step.into(), key: format!("{job}:{step}") };
    Call { effect: Some(effect), ..begun(job, 1, worker, seconds) }
}

fn found(change: impl FnOnce(&mut History)) -> Vec<Violation> {
    let mut history = sound();
    change(&mut history);
    history.check()
}

#[test]
fn a_sound_history_is_sound() {
    assert_eq!(found(|_| {}), NOTHING);
    assert_eq!(sound().recoveries(), [at(12.0)]);
}

#[test]
fn a_lost_job_is_found() {
    let missing = found(|history| {
        history.rows.remove(0);
    });
    assert_eq!(missing, [Violation::Lost { job: JOB }]);
    assert_eq!(found(|history| history.rows[0].state = JobState::Running), [Violation::Lost { job: JOB }]);
    let lost = found(|history| {
        history.rows.remove(0);
        history.accepted[0].task = None;
    });
    assert_eq!(lost, [Violation::Lost { job: JOB }]);
}

#[test]
fn a_job_that_died_of_its_workers_is_found() {
    let died = found(|history| history.rows[0].state = JobState::Dead);
    assert_eq!(died, [Violation::Ended { job: JOB, state: JobState::Dead }]);
}

#[test]
fn a_doubled_effect_is_found() {
    let doubled = found(|history| {
        let Some(effect) = &mut history.calls[4].effect else { return };
        effect.key = "another key for the same step".into();
    });
    assert_eq!(doubled, [Violation::Doubled { job: JOB, step: "charge".into(), times: 2 }]);
}

#[test]
fn a_step_that_is_repeated_though_it_was_kept_is_found() {
    let repeated = found(|history| {
        history.calls.push(effect(JOB, "reserve", "ada#2", 13.5));
        history.calls.push(effect(JOB, "reserve", "ada#2", 13.6));
    });
    assert_eq!(repeated, [Violation::Repeated { job: JOB, step: "reserve".into(), times: 3 }]);
}

#[test]
fn an_effect_that_never_was_is_found() {
    let omitted = found(|history| {
        history.calls.remove(5);
    });
    assert_eq!(omitted, [Violation::Omitted { job: JOB, step: "deliver".into() }]);
    let untold = found(|history| {
        history.calls.pop();
    });
    assert_eq!(untold, [Violation::Omitted { job: DOOMED, step: "told".into() }]);
}

#[test]
fn a_key_of_two_steps_is_found() {
    let shared = found(|history| {
        let Some(effect) = &mut history.calls[5].effect else { return };
        effect.key = format!("{JOB}:reserve");
    });
    assert_eq!(shared, [Violation::SharedKey { key: format!("{JOB}:reserve") }]);
}

#[test]
fn an_effect_after_a_cancel_is_found() {
    let cancelled = |seconds| {
        found(|history: &mut History| {
            history.accepted[0].cancelled = Some(at(seconds));
            history.rows[0].state = JobState::Cancelled;
        })
    };
    assert_eq!(cancelled(11.5), NOTHING);
    let late = [2.3, 2.4].map(|late| Violation::AfterCancel { job: JOB, late: at(late) });
    assert_eq!(cancelled(11.0), late);
}

#[test]
fn more_attempts_than_kills_are_found() {
    let spent = found(|history| history.rows[0].attempt = 3);
    assert_eq!(spent, [Violation::Attempts { job: JOB, attempts: 3, at_most: 2 }]);
    assert_eq!(found(|history| (history.rows[0].attempt, history.outages) = (4, 1)), NOTHING);
    let by_a_stop = found(|history| history.ends[0].is_clean = true);
    assert!(by_a_stop.contains(&Violation::Attempts { job: JOB, attempts: 2, at_most: 1 }));
}

#[test]
fn a_recovery_of_sixteen_seconds_is_found() {
    let slow = |seconds| {
        found(|history| {
            history.calls.iter_mut().filter(|call| call.worker == "ada#2").for_each(|call| {
                call.at = at(1.2 + seconds);
            });
        })
    };
    assert_eq!(slow(15.0), NOTHING);
    assert_eq!(slow(16.0), [Violation::Slow { job: JOB, took: at(17.2) - at(1.2) }]);
}

#[test]
fn a_job_that_was_never_committed_must_not_run() {
    let stray = Uuid::from_u128(3);
    let ran = found(|history| history.calls.push(begun(stray, 1, "ada#2", 20.0)));
    assert_eq!(ran, [Violation::Unaccepted { job: stray }]);
}

#[test]
fn what_is_torn_slower_or_missed_is_found() {
    assert_eq!(found(|history| history.torn = 1), [Violation::Torn { rows: 1 }]);
    assert_eq!(found(|history| history.throughput = Some((40.0, 38.0))), NOTHING);
    let slower = found(|history| history.throughput = Some((40.0, 37.0)));
    assert_eq!(slower, [Violation::Slower { before: 40.0, after: 37.0 }]);
    assert_eq!(found(|history| history.missed = true), [Violation::Missed]);
}

#[test]
fn a_worker_held_what_no_other_one_has_begun() {
    let [dead, alive] = [10, 11].map(|process| Some(Uuid::from_u128(process)));
    let [begun_by_dead, only_claimed, begun_by_another, claimed_by_another] = [20, 21, 22, 23].map(Uuid::from_u128);
    let running = [(begun_by_dead, dead), (only_claimed, dead), (begun_by_another, alive), (claimed_by_another, alive)]
        .map(|(job, process)| Running { job, attempt: 2, process });
    let calls = [
        begun(begun_by_dead, 1, "bob#1", 0.5),
        begun(begun_by_dead, 2, "ada#1", 1.0),
        begun(begun_by_another, 2, "bob#1", 1.0),
    ];
    assert_eq!(held_by("ada#1", &running, &calls), [begun_by_dead, only_claimed].into());
}

#[test]
fn one_value_in_a_hundred_may_be_larger() {
    let seconds = |range: std::ops::RangeInclusive<u64>| range.map(Duration::from_secs).collect::<Vec<_>>();
    assert_eq!(p99(seconds(1..=100)), Duration::from_secs(99));
    assert_eq!(p99(seconds(1..=10)), Duration::from_secs(10));
    assert_eq!(p99(Vec::new()), Duration::ZERO);
}
