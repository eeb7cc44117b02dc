//! The channels that could print a secret, with the code that drives and reads each.

mod cassettes;
mod command_line;
mod crash;
mod errors;
mod files;
mod inbox_site;
mod log_lines;
mod metrics;
mod panics;
mod process_list;
mod program;
mod server_log;
mod values;

use std::time::Instant;

use anyhow::{Context, Result};

use crate::capture::Capture;
use crate::report::Reading;
use crate::scanner::Scanner;

/// Extent of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    /// Leaves out slow cases.
    pub(crate) is_quick: bool,
    /// Plants one leak, which must be found.
    pub(crate) is_planted: bool,
}

/// A place where output appears: a log, a file, a value's `Debug`.
pub(crate) struct Channel {
    pub(crate) name: &'static str,
    /// Description of the driven code, for the table.
    driven: &'static str,
    /// Drives it, and returns all of its output.
    drive: fn(Stage) -> Result<Capture>,
    /// The process in which it is driven, which decides if others may run beside it.
    pub(crate) process: Process,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    /// In this process, whose log and panics are read.
    This,
    /// In processes of its own.
    Others,
}

pub(crate) const CHANNELS: [Channel; 11] = [
    Channel::new("values", "Debug and Display of public types", values::drive, Process::This),
    Channel::new("log", "calls, pushes and deliveries, all crates at TRACE", log_lines::drive, Process::This),
    Channel::new("errors", "failures, each with all its sources", errors::drive, Process::This),
    Channel::new("panics", "panics of what a program hands in", panics::drive, Process::This),
    Channel::new("cassettes", "calls recorded as at a live vendor", cassettes::drive, Process::This),
    Channel::new("command-line", "runs of weifen, -vvv", command_line::drive, Process::Others),
    Channel::new("server-log", "lives of weifen serve, -vv", server_log::drive, Process::Others),
    Channel::new("metrics", "pages of the admin port", metrics::drive, Process::This),
    Channel::new("crash", "servers killed, and files that they leave", crash::drive, Process::Others),
    Channel::new("process-list", "processes as others see them", process_list::drive, Process::Others),
    Channel::new("files", "files that a run leaves", files::drive, Process::Others),
];

impl Channel {
    const fn new(
        name: &'static str,
        driven: &'static str,
        drive: fn(Stage) -> Result<Capture>,
        process: Process,
    ) -> Self {
        Self { name, driven, drive, process }
    }

    /// Reason for which it can't be read on this system; `None` where it can.
    pub(crate) fn is_left_out(&self) -> Option<&'static str> {
        (self.name == "process-list" && !cfg!(target_os = "linux")).then_some("only Linux shows a process as files")
    }

    /// Drives it, and searches its output for canaries.
    ///
    /// # Errors
    /// It can't be driven, or had no output.
    pub(crate) fn read(&self, stage: Stage) -> Result<Reading> {
        let begun = Instant::now();
        let capture = (self.drive)(stage).with_context(|| format!("{} can't be driven", self.name))?;
        let bytes = capture.bytes();
        anyhow::ensure!(bytes > 0, "{}: nothing came out of it", self.name);
        let scanner = Scanner::new(&capture.signatures)?;
        let mut hits = Vec::new();
        for piece in &capture.pieces {
            hits.extend(scanner.hits(&piece.bytes, piece.allowed).into_iter().map(|hit| (piece.from.clone(), hit)));
        }
        Ok(Reading {
            channel: self.name,
            driven: self.driven,
            pieces: capture.pieces.len(),
            bytes,
            seconds: begun.elapsed().as_secs_f64(),
            hits,
        })
    }
}

/// Runs `future` on a runtime of its own.
fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(future)
}
