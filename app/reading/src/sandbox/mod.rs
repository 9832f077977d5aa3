//! The locks a reader puts on itself before it looks at a file: resource limits always, landlock (files, network) and
//! seccomp (system calls) where the kernel has them.

mod landlock;
mod rlimits;
mod seccomp;

use std::fmt;
use std::path::Path;

pub use rlimits::CpuBudget;

use crate::limits::Limits;

/// How far one lock holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// All of it.
    Held,
    /// The kernel knows only a part of it.
    Partly,
    /// Not at all, with the reason.
    Missing(String),
}

/// Which locks hold now. The resource limits always do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confinement {
    /// No file but the input and fonts can be read, only the output folder written, no TCP, no signals to other
    /// processes.
    pub landlock: Lock,
    /// No system call but those a reader needs: none for the network, processes, or mapping new code.
    pub seccomp: Lock,
}

impl Confinement {
    /// A sentence for each lock that does not hold fully.
    pub fn gaps(&self) -> Vec<String> {
        [("landlock", &self.landlock), ("seccomp", &self.seccomp)]
            .into_iter()
            .filter(|(_, lock)| **lock != Lock::Held)
            .map(|(name, lock)| format!("{name}: {lock}"))
            .collect()
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held => f.write_str("holds"),
            Self::Partly => f.write_str("this kernel knows only a part of it, the rest of the sandbox holds"),
            Self::Missing(reason) => write!(f, "missing ({reason}), the rest of the sandbox holds"),
        }
    }
}

/// Locks this process down for good. `input` may be read, files in the folder `output` may be written; both must exist.
/// Libraries must have been loaded before.
///
/// An error means that a resource limit could not be set, and that nothing must be parsed. A kernel without landlock or
/// seccomp is no error: the [`Confinement`] says so.
pub fn enter(limits: &Limits, input: &Path, output: &Path) -> std::io::Result<Confinement> {
    rlimits::set(limits)?;
    let landlock = landlock::restrict(input, output);
    // Last, because landlock is itself a system call.
    let seccomp = seccomp::restrict();
    Ok(Confinement { landlock, seccomp })
}
