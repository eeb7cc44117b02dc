//! `cargo xtask record`: rewrites the recorded cassettes, by the program in xtask/record.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::cargo::{Workspace, exit_code, status_of};

/// Rewrite the recorded cassettes, against the sandbox or a live vendor
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// What the recorder takes, such as --check or --live
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let status = status_of(recorder(workspace)?.args(&args.args))?;
    Ok(exit_code(status))
}

/// The recorder, built and to be run in the root folder.
pub(crate) fn recorder(workspace: &Workspace) -> Result<Command> {
    let mut command = Command::new(workspace.program("xtask-record")?);
    command.current_dir(workspace.root());
    Ok(command)
}
