//! Resource limits, which every kernel has.

use std::io;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::limits::Limits;

/// Sets all limits but the one on CPU time, which [`CpuBudget`] keeps. The number of processes is not limited, as that
/// counts all processes of the user and does nothing for root: seccomp forbids new ones.
pub fn set(limits: &Limits) -> io::Result<()> {
    for (resource, value) in [
        (Resource::As, limits.memory),
        (Resource::Nofile, limits.open_files),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Core, 0),
    ] {
        lower(resource, value)?;
    }
    let stack = getrlimit(Resource::Stack);
    let size = stack.maximum.map_or(limits.stack_bytes, |maximum| maximum.min(limits.stack_bytes));
    Ok(setrlimit(Resource::Stack, Rlimit { current: Some(size), maximum: stack.maximum })?)
}

/// A limit can only be lowered, so one that is lower already stays.
fn lower(resource: Resource, value: u64) -> io::Result<()> {
    let value = getrlimit(resource).maximum.map_or(value, |maximum| maximum.min(value));
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

/// CPU time from page to page: a file that keeps a reader busy on one page is stopped (SIGXCPU) long before the limit
/// of the whole document.
#[derive(Debug)]
pub struct CpuBudget {
    per_page: Duration,
    total: u64,
}

impl CpuBudget {
    /// Sets the limit of the whole process and grants time for the first page.
    pub fn start(limits: &Limits) -> Self {
        let total = limits.cpu_total.as_secs().max(1);
        let total = getrlimit(Resource::Cpu).maximum.map_or(total, |maximum| maximum.min(total));
        let mut budget = Self { per_page: limits.cpu_per_page, total };
        budget.renew();
        budget
    }

    /// Grants time for one more page.
    pub fn renew(&mut self) {
        let used = clock_gettime(ClockId::ProcessCPUTime);
        let used = Duration::new(used.tv_sec.unsigned_abs(), 0);
        // The kernel counts whole seconds, and one more keeps a short page from falling on the edge.
        let until = (used + self.per_page).as_secs().saturating_add(1).min(self.total);
        // Lowering the soft limit of oneself cannot fail; if a kernel refuses, the limit of before stays, which is
        // stricter.
        let _ = setrlimit(Resource::Cpu, Rlimit { current: Some(until), maximum: Some(self.total) });
    }
}
