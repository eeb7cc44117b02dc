//! `cargo xtask configuration`: writes the pages of all configuration keys, which `weifen config reference` prints.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo::{Workspace, stdout_of};
use crate::check::{Finding, Repair};

const COMMAND: &str = "cargo xtask configuration";
/// Each page, and its language.
const PAGES: [(&str, &str); 2] = [("docs/configuration.md", "en"), ("docs/zh/configuration.md", "zh")];
const HEAD: &str = "<!-- Made by `cargo xtask configuration` from crates/facade/src/config/keys.rs. Do not edit. -->\n";

/// Write docs/configuration.md and docs/zh/configuration.md from the table of keys
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(workspace: &Workspace, _: &Args) -> Result<ExitCode> {
    for (file, language) in PAGES {
        fs::write(workspace.root().join(file), page(workspace, language)?)
            .with_context(|| format!("cannot write {file}"))?;
        println!("{file} is written");
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (file, language) in PAGES {
        let written = fs::read_to_string(workspace.root().join(file)).unwrap_or_default();
        if written != page(workspace, language)? {
            let what = format!("{file} is not what the table of keys says");
            findings.push(Finding { what, repair: Repair::run(COMMAND) });
        }
    }
    Ok(findings)
}

fn page(workspace: &Workspace, language: &str) -> Result<String> {
    let mut weifen = Command::new(workspace.program("weifen")?);
    let page = stdout_of(weifen.args(["config", "reference", "--lang", language]))?;
    Ok(format!("{HEAD}{page}"))
}
