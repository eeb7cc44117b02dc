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
}

pub(crate) const CHANNELS: [Channel; 11] = [
    Channel { name: "values", driven: "Debug and Display of public types", drive: values::drive },
    Channel { name: "log", driven: "calls, pushes and deliveries, all crates at TRACE", drive: log_lines::drive },
    Channel { name: "errors", driven: "failures, each with all its sources", drive: errors::drive },
    Channel { name: "panics", driven: "panics of what a program hands in", drive: panics::drive },
    Channel { name: "cassettes", driven: "calls recorded as at a live vendor", drive: cassettes::drive },
    Channel { name: "command-line", driven: "runs of weifen, -vvv", drive: command_line::drive },
    Channel { name: "server-log", driven: "lives of weifen serve, -vv", drive: server_log::drive },
    Channel { name: "metrics", driven: "pages of the admin port", drive: metrics::drive },
    Channel { name: "crash", driven: "servers killed, with backtraces on", drive: crash::drive },
    Channel { name: "process-list", driven: "processes as others see them", drive: process_list::drive },
    Channel { name: "files", driven: "files that a run leaves", drive: files::drive },
];

impl Channel {
    /// Drives it and looks for canaries in what came out.
    ///
    /// # Errors
    /// When it can't be driven.
    pub(crate) fn read(&self, stage: Stage) -> Result<Reading> {
        let begun = Instant::now();
        let capture = (self.drive)(stage).with_context(|| format!("{} can't be driven", self.name))?;
        let scanner = Scanner::new(&capture.signatures)?;
        let mut hits = Vec::new();
        for piece in &capture.pieces {
            hits.extend(scanner.hits(&piece.bytes, piece.allowed).into_iter().map(|hit| (piece.from.clone(), hit)));
        }
        Ok(Reading {
            channel: self.name,
            driven: format!("{} {}", capture.driven, self.driven),
            bytes: capture.bytes(),
            seconds: begun.elapsed().as_secs_f64(),
            hits,
        })
    }
}

/// Runs `future` on a runtime of its own.
fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(future)
}
