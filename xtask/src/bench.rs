//! `cargo xtask bench NAME`: prints figures, by the program in xtask/bench built for release.

use std::process::ExitCode;

use anyhow::Result;

use crate::cargo::{Workspace, exit_code, status_of};

/// Measure: prints a bench's figures, such as `call`
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// The bench's name, and what it takes
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let mut command = workspace.cargo(["run", "--quiet", "--release", "--package", "xtask-bench", "--"]);
    Ok(exit_code(status_of(command.args(&args.args))?))
}
