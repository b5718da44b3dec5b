use crate::SandboxError;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use std::collections::BTreeMap;
use std::os::fd::RawFd;

/// Calls that sensing needs whatever their arguments: to read what is open, to wait, to get and give back memory, to
/// know the time, to handle a signal and to end.
const ALWAYS: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_statx,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_getsockopt,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_sched_yield,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
];

#[cfg(target_arch = "x86_64")]
const OLDER: &[libc::c_long] = &[libc::SYS_poll, libc::SYS_select];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[libc::c_long] = &[];

/// Calls that move bytes outwards: allowed on the given descriptors only.
const OUTWARD: &[libc::c_long] =
    &[libc::SYS_write, libc::SYS_writev, libc::SYS_sendto, libc::SYS_sendmsg, libc::SYS_shutdown];

/// Calls that map memory: allowed unless the memory is to be executed.
const MAPPING: &[libc::c_long] = &[libc::SYS_mmap, libc::SYS_mprotect];

/// `fcntl` may ask and set flags of a descriptor, and copy none.
const FCNTL: &[libc::c_int] = &[libc::F_GETFD, libc::F_GETFL, libc::F_SETFL];

pub(crate) fn only_what_sensing_needs(write_to: &[RawFd]) -> Result<bool, SandboxError> {
    let program = program(write_to).map_err(|_| SandboxError::Filter)?;
    Ok(seccompiler::apply_filter(&program).is_ok())
}

fn program(write_to: &[RawFd]) -> Result<BpfProgram, seccompiler::BackendError> {
    let equal = |argument: u8, value: u64| {
        SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?])
    };
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for &call in ALWAYS.iter().chain(OLDER) {
        rules.insert(call, Vec::new());
    }
    if !write_to.is_empty() {
        for &call in OUTWARD {
            let allowed =
                write_to.iter().map(|&fd| equal(0, u64::from(fd.cast_unsigned()))).collect::<Result<_, _>>()?;
            rules.insert(call, allowed);
        }
    }
    let executable = u64::from(libc::PROT_EXEC.cast_unsigned());
    for &call in MAPPING {
        let harmless = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(executable), 0)?;
        rules.insert(call, vec![SeccompRule::new(vec![harmless])?]);
    }
    let asks = FCNTL.iter().map(|&what| equal(1, u64::from(what.cast_unsigned()))).collect::<Result<_, _>>()?;
    rules.insert(libc::SYS_fcntl, asks);

    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let denied = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)?.try_into()
}
