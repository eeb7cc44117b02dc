//! The benches' output and exit codes; no test depends on a time.

mod api;
mod call;
mod inbox;
mod token;
mod usage;

use std::process::{Command, Output};

use anyhow::{Context, Result};

/// Runs the program with `args`.
fn bench(args: &[&str]) -> Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_xtask-bench")).args(args).output().context("the benches can't be started")
}
