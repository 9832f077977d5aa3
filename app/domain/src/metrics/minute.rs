//! What this process has done since somebody last took the sums: a few numbers for each of a few words of ours, counted in memory
//! alone. [`health::keep`](crate::health::keep) takes them each minute.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, MutexGuard},
    time::Duration,
};

use crate::health::{Part, Sums};

/// All of one part and name.
pub type Counted = BTreeMap<(Part, &'static str), Sums>;

static COUNTED: LazyLock<Mutex<Counted>> = LazyLock::new(Mutex::default);

/// Counts a request of a class of routes, which is one of a few words.
pub fn answered(class: &'static str, took: Duration, failed: bool) {
    counted().entry((Part::Requests, class)).or_default().add(Part::Requests, took, failed);
}

/// Counts an attempt of a job.
pub fn worked(kind: &'static str, took: Duration, failed: bool) {
    counted().entry((Part::Jobs, kind)).or_default().add(Part::Jobs, took, failed);
}

/// Counts a question to a cache.
pub fn looked_up(cache: &'static str, is_known: bool) {
    counted().entry((Part::Caches, cache)).or_default().add(Part::Caches, Duration::ZERO, !is_known);
}

/// Counts an answer that a client could have had already, and the bytes that it was not sent where it had.
pub fn tagged(class: &'static str, is_known: bool, spared: u64) {
    let mut counted = counted();
    counted.entry((Part::Tagged, class)).or_default().add(Part::Tagged, Duration::ZERO, !is_known);
    if spared > 0 {
        counted.entry((Part::Spared, class)).or_default().number += i64::try_from(spared).unwrap_or(i64::MAX);
    }
}

/// What was counted since the last time, which is forgotten here.
pub fn take() -> Counted {
    std::mem::take(&mut *counted())
}

/// The same, and it stays.
pub fn look() -> Counted {
    counted().clone()
}

/// Adds what was taken and could not be kept: it will be kept with the next minute.
pub fn put_back(taken: Counted) {
    let mut counted = counted();
    for (key, sums) in taken {
        *counted.entry(key).or_default() += sums;
    }
}

fn counted() -> MutexGuard<'static, Counted> {
    COUNTED.lock().expect("no thread panics while it holds this lock")
}
