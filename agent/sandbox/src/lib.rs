//! What the sensing process gives up, in this order, once its capture is open and before it reads a frame:
//!
//! 1. core dumps, and being looked into by others of its user;
//! 2. the capability bounding set, its groups, its user: it becomes [`NOBODY`] if it was root;
//! 3. gaining anything by execution (`no_new_privs`);
//! 4. the file system, by Landlock;
//! 5. every system call that it does not need, by seccomp. Bytes may be written to the descriptors that it was told
//!    of and to no other: a capture socket can be read and never written to, so the process cannot transmit on the
//!    tapped segment even when its code is the attacker's.
//!
//! A denied call fails with `EPERM`; the process lives on.

mod calls;
mod descriptor;
pub mod pair;

pub use descriptor::{Inherited, inherited, keep_across_exec};

use landlock::{ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{Gid, Uid};
use std::os::fd::RawFd;

/// The user and group that a root process becomes: `nobody` on every Linux.
pub const NOBODY: u32 = 65534;

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("sandbox: {step} refused: {source}")]
    Step { step: &'static str, source: nix::Error },
    #[error("sandbox: this kernel has no {0}; start with --allow-weaker-sandbox to run without it")]
    Missing(&'static str),
    #[error("sandbox: the system call filter cannot be built for this machine")]
    Filter,
}

/// Which walls stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walls {
    pub user: bool,
    pub landlock: bool,
    pub seccomp: bool,
}

/// Raises every wall around this process. `write_to` are the descriptors that bytes may be written to. With
/// `allow_weaker`, a kernel without Landlock or seccomp is accepted, and the answer says what is missing.
pub fn confine(write_to: &[RawFd], allow_weaker: bool) -> Result<Walls, SandboxError> {
    let step = |step| move |source| SandboxError::Step { step, source };
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(step("RLIMIT_CORE"))?;
    nix::sys::prctl::set_dumpable(false).map_err(step("PR_SET_DUMPABLE"))?;

    let root = Uid::effective().is_root();
    if root {
        descriptor::drop_bounding_set().map_err(step("PR_CAPBSET_DROP"))?;
        let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
        nix::unistd::setgroups(&[]).map_err(step("setgroups"))?;
        nix::unistd::setresgid(group, group, group).map_err(step("setresgid"))?;
        nix::unistd::setresuid(user, user, user).map_err(step("setresuid"))?;
        nix::sys::prctl::set_dumpable(false).map_err(step("PR_SET_DUMPABLE"))?;
        // A change of user disarms it.
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL).map_err(step("PR_SET_PDEATHSIG"))?;
    }
    nix::sys::prctl::set_no_new_privs().map_err(step("PR_SET_NO_NEW_PRIVS"))?;

    let landlock = no_files();
    if !landlock && !allow_weaker {
        return Err(SandboxError::Missing("Landlock"));
    }
    let seccomp = calls::only_what_sensing_needs(write_to)?;
    if !seccomp && !allow_weaker {
        return Err(SandboxError::Missing("seccomp filters"));
    }
    Ok(Walls { user: root, landlock, seccomp })
}

fn no_files() -> bool {
    let restrict = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V1))?
            .create()?
            .restrict_self()
    };
    restrict().is_ok_and(|status: landlock::RestrictionStatus| status.ruleset != RulesetStatus::NotEnforced)
}
