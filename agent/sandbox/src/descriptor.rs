//! Descriptors that one process hands to the next, and what is dropped by calls that have no safe binding.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// A descriptor that the process was started with.
#[derive(Debug)]
pub struct Inherited(OwnedFd);

impl Inherited {
    pub fn into_fd(self) -> OwnedFd {
        self.0
    }
}

impl AsFd for Inherited {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Takes over the descriptor `number` that the launcher named on the command line. Standard streams are not taken.
/// To be called once per number, at the start of `main`.
pub fn inherited(number: RawFd) -> Result<Inherited, Errno> {
    if number <= 2 {
        return Err(Errno::EBADF);
    }
    // SAFETY: the borrow lasts for one call that fails on a number that is not open.
    let open = unsafe { BorrowedFd::borrow_raw(number) };
    fcntl(open, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    // SAFETY: the number is open, and it was opened for this process alone: nothing else here owns it.
    Ok(Inherited(unsafe { OwnedFd::from_raw_fd(number) }))
}

/// Lets a descriptor stay open in the programs that this process starts; they take it over with [`inherited`]. Its
/// number is the answer.
pub fn keep_across_exec(descriptor: &impl AsFd) -> Result<RawFd, Errno> {
    fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok(descriptor.as_fd().as_raw_fd())
}

/// Drops every capability from the bounding set, so that none can come back.
pub(crate) fn drop_bounding_set() -> Result<(), Errno> {
    for capability in 0..=63 {
        // SAFETY: PR_CAPBSET_DROP takes one number and touches no memory of ours.
        let answer = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        match Errno::result(answer) {
            Ok(_) => {}
            Err(Errno::EINVAL) => break, // past the last capability of this kernel
            Err(other) => return Err(other),
        }
    }
    Ok(())
}
