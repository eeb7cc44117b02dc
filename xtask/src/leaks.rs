//! `cargo xtask leaks`: looks for secrets in all that is printed, by the program in xtask/leaks.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::cargo::{Workspace, exit_code, status_of};

/// Look for secrets in all that is printed: canaries are planted in everything secret, and everything is driven
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// What the program takes, such as `--plant CHANNEL`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    // It runs the command line, which lies beside it and has to be as new.
    workspace.program("weifen")?;
    let mut command = Command::new(workspace.program("xtask-leaks")?);
    Ok(exit_code(status_of(command.current_dir(workspace.root()).args(&args.args))?))
}
