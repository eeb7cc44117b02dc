//! Keeps client and server off each other's core, where the operating system lets a process choose.

use std::io;

/// Two of the cores that this process may run on, if it has two.
#[cfg(target_os = "linux")]
pub(crate) fn two() -> Option<(usize, usize)> {
    let allowed = rustix::thread::sched_getaffinity(None).ok()?;
    let mut cores = (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    Some((cores.next()?, cores.next()?))
}

/// Keeps this thread, and those that it starts, on `core`.
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
