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
#[cfg(target_os = "linux")]
mod process_list;
mod program;
mod server_log;
mod values;

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
    /// Drives it, and returns all of its output.
    drive: fn(Stage) -> Result<Capture>,
    /// True where it is driven in processes of its own, beside which others may run.
    pub(crate) is_apart: bool,
}

pub(crate) const CHANNELS: &[Channel] = &[
    here("values", values::drive),
    here("log", log_lines::drive),
    here("errors", errors::drive),
    here("panics", panics::drive),
    here("cassettes", cassettes::drive),
    apart("command-line", command_line::drive),
    apart("server-log", server_log::drive),
    here("metrics", metrics::drive),
    apart("crash", crash::drive),
    // Only Linux shows a process as files.
    #[cfg(target_os = "linux")]
    apart("process-list", process_list::drive),
    apart("files", files::drive),
];

const fn here(name: &'static str, drive: fn(Stage) -> Result<Capture>) -> Channel {
    Channel { name, drive, is_apart: false }
}

const fn apart(name: &'static str, drive: fn(Stage) -> Result<Capture>) -> Channel {
    Channel { name, drive, is_apart: true }
}

impl Channel {
    /// Drives it, and searches its output for canaries.
    ///
    /// # Errors
    /// It can't be driven, or had no output.
    pub(crate) fn read(&self, stage: Stage) -> Result<Reading> {
        let Capture { pieces, signatures } =
            (self.drive)(stage).with_context(|| format!("{} can't be driven", self.name))?;
        let bytes = pieces.iter().map(|piece| piece.bytes.len()).sum();
        anyhow::ensure!(bytes > 0, "{}: nothing came out of it", self.name);
        let scanner = Scanner::new(&signatures)?;
        let mut hits = Vec::new();
        for piece in &pieces {
            hits.extend(scanner.hits(&piece.bytes, piece.allowed).into_iter().map(|hit| (piece.from.clone(), hit)));
        }
        Ok(Reading { channel: self.name, bytes, hits })
    }
}

/// Runs `future` on a runtime of its own.
fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(future)
}
