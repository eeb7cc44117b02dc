//! `cargo xtask configuration`: writes docs/configuration.md, the output of `weifen config reference`.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo::{Workspace, stdout_of};
use crate::check::{Finding, Repair};

const COMMAND: &str = "cargo xtask configuration";
const PAGE: &str = "docs/configuration.md";
const HEAD: &str = "<!-- Made by `cargo xtask configuration` from crates/facade/src/config/keys.rs. Do not edit. -->\n";

/// Write docs/configuration.md from the table of keys
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(workspace: &Workspace, _: &Args) -> Result<ExitCode> {
    fs::write(workspace.root().join(PAGE), page(workspace)?).with_context(|| format!("cannot write {PAGE}"))?;
    println!("{PAGE} is written");
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let written = fs::read_to_string(workspace.root().join(PAGE)).unwrap_or_default();
    if written == page(workspace)? {
        return Ok(Vec::new());
    }
    let what = format!("{PAGE} is not what the table of keys says");
    Ok(vec![Finding { what, repair: Repair::run(COMMAND) }])
}

fn page(workspace: &Workspace) -> Result<String> {
    let page = stdout_of(Command::new(workspace.program("weifen")?).args(["config", "reference"]))?;
    Ok(format!("{HEAD}{page}"))
}
