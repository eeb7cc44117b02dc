//! Signals to the processes that tests start, without the program `kill`.

use std::io::{Error, ErrorKind, Result};
use std::process::Child;

pub use rustix::process::Signal;
use rustix::process::{Pid, WaitOptions, kill_process, waitpid};

/// Sends a signal to the process of this number.
///
/// # Errors
///
/// There is no such process, or it belongs to another user.
pub fn send(process: u32, signal: Signal) -> Result<()> {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw).ok_or(ErrorKind::InvalidInput)?;
    Ok(kill_process(process, signal)?)
}

/// Stops a child process until it gets [`Signal::CONT`]. On return, none of its threads runs.
///
/// # Errors
///
/// The process has ended.
pub fn stop(child: &Child) -> Result<()> {
    send(child.id(), Signal::STOP)?;
    match waitpid(Some(Pid::from_child(child)), WaitOptions::UNTRACED)? {
        Some((_, status)) if status.stopped() => Ok(()),
        other => Err(Error::other(format!("the process has not stopped: {other:?}"))),
    }
}
