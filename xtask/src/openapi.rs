//! `cargo xtask openapi`: writes the documents of the HTTP API, which `weifen openapi` prints.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo::{Workspace, stdout_of};
use crate::check::{Finding, Repair};

const COMMAND: &str = "cargo xtask openapi";

/// Each file, and the version of OpenAPI that it speaks.
const FILES: [(&str, &str); 2] = [("docs/openapi.json", "3.1"), ("docs/openapi-3.0.3.json", "3.0.3")];

/// Write docs/openapi.json and docs/openapi-3.0.3.json from the operations of the HTTP API
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing, and fail where a file is not what would be written
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    if args.check {
        let findings = check(workspace)?;
        for finding in &findings {
            println!("{}: run `{COMMAND}`", finding.what);
        }
        return Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    for (file, version) in FILES {
        fs::write(workspace.root().join(file), document(workspace, version)?)
            .with_context(|| format!("cannot write {file}"))?;
        println!("{file} is written");
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (file, version) in FILES {
        let written = fs::read_to_string(workspace.root().join(file)).unwrap_or_default();
        if written != document(workspace, version)? {
            let what = format!("{file} is not what the operations say");
            findings.push(Finding { what, repair: Repair::run(COMMAND) });
        }
    }
    Ok(findings)
}

fn document(workspace: &Workspace, version: &str) -> Result<String> {
    stdout_of(Command::new(workspace.program("weifen")?).args(["openapi", version]))
}
