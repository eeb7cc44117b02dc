//! The `weifen` command line: 微厅 (weiting) and 粉丝万岁 (fensi) from a shell.

mod arguments;
mod chinese;
mod clients;
mod commands;
mod duration_argument;
mod failure;
mod fault;
mod interrupted;
mod language;
mod output;
mod own_thread;
mod qr;
mod secret_advice;
mod shell;
mod state_folder;
mod stdin;
mod temporary_place;
mod time_argument;
mod times;
mod url_argument;
mod usage;
mod verbose;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use arguments::Arguments;
use failure::Failure;
use output::{Output, stderr};

/// Time that the exit waits for a reader of stderr.
const LAST_WORDS: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let given: Vec<OsString> = env::args_os().collect();
    // A parse error must have the requested form too.
    let output = usage::output(&given);
    let outcome = fault::contain(|| run(&given, output)).unwrap_or_else(Err);
    let code = outcome.unwrap_or_else(|failure| output.failure(&failure));
    stderr::settle(LAST_WORDS);
    code
}

fn run(given: &[OsString], output: Output) -> Result<ExitCode, Failure> {
    match Arguments::try_parse_from(given) {
        Ok(arguments) => commands::run(arguments),
        Err(error) => usage::answer(&error, output),
    }
}
