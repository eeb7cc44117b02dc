//! `cargo xtask chaos`: both clients against the sandbox in chaos, by the program in xtask/chaos.

use std::process::ExitCode;

use anyhow::Result;

use crate::cargo::{Workspace, exit_code, status_of};

/// Drive both clients against a sandbox in chaos, and compare what they report with what happened
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// `--seconds 600`, `--rate 100` calls a second, `--seed N`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let mut command = workspace.cargo(["run", "--quiet", "--package", "xtask-chaos", "--"]);
    Ok(exit_code(status_of(command.args(&args.args))?))
}
