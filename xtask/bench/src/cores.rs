//! Pins client and server to different cores, where the operating system allows it.

use std::io;

/// Returns two of the cores that this process may use; `None` where it has fewer.
#[cfg(target_os = "linux")]
pub(crate) fn two() -> Option<(usize, usize)> {
    let allowed = rustix::thread::sched_getaffinity(None).ok()?;
    let mut cores = (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    Some((cores.next()?, cores.next()?))
}

/// Pins this thread, and the threads that it starts, to `core`.
#[cfg(target_os = "linux")]
pub(crate) fn stay_on(core: usize) -> io::Result<()> {
    let mut only = rustix::thread::CpuSet::new();
    only.set(core);
    Ok(rustix::thread::sched_setaffinity(None, &only)?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn two() -> Option<(usize, usize)> {
    None
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn stay_on(_: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
