//! A server's log on stderr: a line for people or a JSON object per entry. It names events by their webhook ids, and
//! shows no secret, no user and no body.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::stderr::{self, LogLine};
use crate::arguments::LogFormat;

/// Targets of our own crates, whose messages hold no secrets.
const OURS: [&str; 7] =
    ["weifen", "weifen_fensi", "weifen_inbox", "weifen_sandbox", "weifen_server", "weifen_transport", "weifen_weiting"];

/// Starts the log; earlier entries are lost.
pub(crate) fn start(format: LogFormat, verbosity: u8) {
    let level = match verbosity {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    // Only errors of other crates: their other messages may hold addresses and statements.
    let which = OURS
        .iter()
        .fold(Targets::new().with_default(LevelFilter::ERROR), |which, target| which.with_target(*target, level));
    let log = tracing_subscriber::registry().with(which);
    let started = match format {
        LogFormat::Text => {
            let lines = fmt::layer().with_writer(|| LogLine).with_ansi(io::stderr().is_terminal());
            log.with(lines).try_init()
        }
        LogFormat::Json => log.with(fmt::layer().json().flatten_event(true).with_writer(|| LogLine)).try_init(),
    };
    // It fails if a log was started before.
    drop(started);
    stderr::a_log_is_kept();
}

/// The log's own counter, in the text format of Prometheus.
pub(crate) fn metrics() -> String {
    let name = "weifen_log_lines_dropped_total";
    let help = "Lines of the log that were dropped, because stderr was not read fast enough or could not be written to";
    format!("# HELP {name} {help}\n# TYPE {name} counter\n{name} {}\n", stderr::dropped())
}
