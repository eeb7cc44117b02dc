//! Starts the programs that need weifen's crates: `cargo xtask bench`, `chaos`, `leaks` and `record`.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::cargo::{Workspace, exit_code, status_of};

/// Arguments of a program, which has a help of its own.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// Handed on as they stand
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Runs the benches, built for release.
pub(crate) fn bench(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    start(workspace.cargo(["run", "--release", "--package", "xtask-bench", "--"]), args)
}

pub(crate) fn chaos(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    println!("building xtask-chaos");
    start(program(workspace, "xtask-chaos")?, args)
}

/// Runs the leak search, after building the command line, which it runs from the same folder.
pub(crate) fn leaks(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    println!("building weifen and xtask-leaks");
    workspace.program("weifen")?;
    start(program(workspace, "xtask-leaks")?, args)
}

pub(crate) fn record(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    println!("building xtask-record");
    start(recorder(workspace)?, args)
}

/// Builds the recorder, and returns the command that runs it in the root folder.
pub(crate) fn recorder(workspace: &Workspace) -> Result<Command> {
    program(workspace, "xtask-record")
}

fn program(workspace: &Workspace, name: &str) -> Result<Command> {
    let mut command = Command::new(workspace.program(name)?);
    command.current_dir(workspace.root());
    Ok(command)
}

fn start(mut command: Command, args: &Args) -> Result<ExitCode> {
    Ok(exit_code(status_of(command.args(&args.args))?))
}
