//! Seccomp: the list of system calls a reader may make. Everything else answers ENOSYS, as if the kernel were older, so
//! that a C library with a newer way falls back to an older one.

use libc::{ENOSYS, PROT_EXEC, c_long};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter_all_threads,
};

use super::Lock;

/// Files that are open or that landlock lets be opened, memory, time, the end. No sockets, no processes or threads
/// (`clone`, `execve`, `ptrace`), no mounts, keys, `bpf`, `io_uring`.
const ALLOWED: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_ftruncate,
    libc::SYS_fadvise64,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// The older forms that x86-64 has besides.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[c_long] =
    &[libc::SYS_open, libc::SYS_stat, libc::SYS_lstat, libc::SYS_access, libc::SYS_readlink, libc::SYS_time];
#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_HERE: &[c_long] = &[];

/// Closes all system calls that are not on the list, for all threads.
pub fn restrict() -> Lock {
    match filter().map_err(seccompiler::Error::from).and_then(|program| apply_filter_all_threads(&program)) {
        Ok(()) => Lock::Held,
        Err(error) => Lock::Missing(error.to_string()),
    }
}

fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let own_process = u64::from(std::process::id());
    let mut rules: Vec<(c_long, Vec<SeccompRule>)> =
        ALLOWED.iter().chain(ALLOWED_HERE).map(|number| (*number, Vec::new())).collect();
    // Memory, but never code: the libraries are loaded, and nothing here compiles.
    let not_executable = SeccompCmpOp::MaskedEq(PROT_EXEC as u64);
    rules.push((libc::SYS_mmap, only(2, not_executable.clone(), 0)?));
    rules.push((libc::SYS_mprotect, only(2, not_executable, 0)?));
    // Signals to itself, which is how `abort` ends a process.
    rules.push((libc::SYS_tgkill, only(0, SeccompCmpOp::Eq, own_process)?));
    // Limits of itself, for the CPU time of the next page.
    rules.push((libc::SYS_prlimit64, only(0, SeccompCmpOp::Eq, 0)?));
    // Duplicating and locking are of no use; asking for and setting flags is.
    rules.push((
        libc::SYS_fcntl,
        [
            only(1, SeccompCmpOp::Eq, libc::F_GETFD as u64)?,
            only(1, SeccompCmpOp::Eq, libc::F_GETFL as u64)?,
            only(1, SeccompCmpOp::Eq, libc::F_SETFD as u64)?,
        ]
        .concat(),
    ));
    // Whether standard output is a terminal.
    rules.push((libc::SYS_ioctl, only(1, SeccompCmpOp::Eq, libc::TCGETS)?));
    SeccompFilter::new(
        rules.into_iter().collect(),
        SeccompAction::Errno(ENOSYS as u32),
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
}

/// The rule that one argument, counted from 0, compares to `value`. The arguments here are all 32 bits wide.
fn only(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?;
    Ok(vec![SeccompRule::new(vec![condition])?])
}
