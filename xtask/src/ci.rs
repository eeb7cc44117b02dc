//! `cargo xtask ci`: every check, then every test.

use std::process::ExitCode;

use anyhow::Result;

use crate::cargo::Workspace;
use crate::{check, test};

/// Run every check, then every test
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    #[command(flatten)]
    test: test::Args,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let checked = check::run(workspace, &check::STEPS, &[])?;
    let tested = test::run(workspace, &args.test)?;
    Ok(if tested == ExitCode::SUCCESS { checked } else { tested })
}
