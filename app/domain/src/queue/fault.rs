//! Places at which a test has this process die, as a machine does that loses its power.
//!
//! `SHEAF_FAULT=settle.before:2` kills it when it comes to `settle.before` for the second time. In a release there are neither
//! the places nor the variable. It is no feature of the crate, as a crate with another feature is another one than the rest
//! of the tests has tested.

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

use rustix::process::{Signal, getpid, kill_process};

static FAULT: LazyLock<Option<Fault>> =
    LazyLock::new(|| std::env::var("SHEAF_FAULT").ok().and_then(|text| Fault::parse(&text)));

struct Fault {
    name: String,
    /// How often the place is still to be passed, the fatal time included.
    left: AtomicU32,
}

/// Ends this process here, without a chance to tidy up, where the environment asks for it.
pub(crate) fn point(name: &str) {
    if cfg!(debug_assertions) && FAULT.as_ref().is_some_and(|fault| fault.strikes(name)) {
        // It fails only for a process that is not ours.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

impl Fault {
    fn parse(text: &str) -> Option<Self> {
        let (name, times) = text.split_once(':')?;
        let times = times.parse().ok().filter(|times| *times > 0)?;
        Some(Self { name: name.to_owned(), left: AtomicU32::new(times) })
    }

    fn strikes(&self, name: &str) -> bool {
        self.name == name && self.left.fetch_sub(1, Ordering::Relaxed) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn it_strikes_once_where_and_when_it_is_told_to() {
        let fault = Fault::parse("settle.before:2").unwrap();
        assert!(!fault.strikes("settle.after") && !fault.strikes("settle.before"));
        assert!(fault.strikes("settle.before"));
        assert!(!fault.strikes("settle.before"));
    }

    #[test]
    fn what_is_no_fault_strikes_nowhere() {
        assert!(
            ["", "settle.before", "settle.before:0", "settle.before:often"]
                .map(Fault::parse)
                .iter()
                .all(Option::is_none)
        );
    }
}
