//! The channels through which something could be printed, and how each is driven and read.

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

/// How much is driven.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    /// Leaves out what is slow.
    pub(crate) is_quick: bool,
    /// Leaks once, on purpose.
    pub(crate) is_planted: bool,
}

/// Something that prints.
pub(crate) struct Channel {
    pub(crate) name: &'static str,
    /// What is driven, for the table.
    driven: &'static str,
    /// Drives it, and gives back all that came out.
    drive: fn(Stage) -> Result<Capture>,
    /// The process in which it is driven, which says what may go on beside it.
    pub(crate) process: Process,
    /// The least that is driven and, in bytes, comes out, however quick it is to be: with less, finding nothing says nothing.
    least: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    /// In this process, whose log and panics are read.
    This,
    /// In processes of its own.
    Others,
}

pub(crate) const CHANNELS: [Channel; 11] = [
    Channel::new("values", "Debug and Display of public types", values::drive, Process::This, (120, 80_000)),
    Channel::new(
        "log",
        "calls, pushes and deliveries, all crates at TRACE",
        log_lines::drive,
        Process::This,
        (400, 1_500_000),
    ),
    Channel::new("errors", "failures, each with all its sources", errors::drive, Process::This, (4500, 3_000_000)),
    Channel::new("panics", "panics of what a program hands in", panics::drive, Process::This, (12, 5000)),
    Channel::new("cassettes", "calls recorded as at a live vendor", cassettes::drive, Process::This, (700, 1_500_000)),
    Channel::new("command-line", "runs of weifen, -vvv", command_line::drive, Process::Others, (150, 120_000)),
    Channel::new("server-log", "lives of weifen serve, -vv", server_log::drive, Process::Others, (4, 20_000)),
    Channel::new("metrics", "pages of the admin port", metrics::drive, Process::This, (5, 4000)),
    Channel::new("crash", "servers killed, and files that they leave", crash::drive, Process::Others, (2, 10_000)),
    Channel::new("process-list", "processes as others see them", process_list::drive, Process::Others, (3, 3000)),
    Channel::new("files", "files that a run leaves", files::drive, Process::Others, (8, 150_000)),
];

impl Channel {
    const fn new(
        name: &'static str,
        driven: &'static str,
        drive: fn(Stage) -> Result<Capture>,
        process: Process,
        least: (usize, usize),
    ) -> Self {
        Self { name, driven, drive, process, least }
    }

    /// Why it can't be read on this system, if it can't.
    pub(crate) fn is_left_out(&self) -> Option<&'static str> {
        (self.name == "process-list" && !cfg!(target_os = "linux")).then_some("only Linux shows a process as files")
    }

    /// Drives it and looks for canaries in what came out.
    ///
    /// # Errors
    /// When it can't be driven, or too little came out for its silence to mean anything.
    pub(crate) fn read(&self, stage: Stage) -> Result<Reading> {
        let begun = Instant::now();
        let capture = (self.drive)(stage).with_context(|| format!("{} can't be driven", self.name))?;
        let (driven, bytes) = (capture.driven, capture.bytes());
        let (least_driven, least_bytes) = if stage.is_planted { (0, 1) } else { self.least };
        anyhow::ensure!(
            driven >= least_driven && bytes >= least_bytes,
            "{}: {driven} {}, {bytes} bytes: fewer than {least_driven}, or less than {least_bytes} bytes, prove nothing",
            self.name,
            self.driven
        );
        let scanner = Scanner::new(&capture.signatures)?;
        let mut hits = Vec::new();
        for piece in &capture.pieces {
            hits.extend(scanner.hits(&piece.bytes, piece.allowed).into_iter().map(|hit| (piece.from.clone(), hit)));
        }
        Ok(Reading {
            channel: self.name,
            driven: format!("{driven} {}", self.driven),
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
