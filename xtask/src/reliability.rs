//! `cargo xtask reliability`: runs the tests that guard the project's promises, and makes docs/reliability.md from
//! their output. Its check, without a run: each promise names tests that exist and are not ignored, and the page has
//! these promises. `--check` runs the tests as well.

mod page;
mod promises;
mod run;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::cargo::{WHOLE, Workspace};
use crate::check::{Finding, Repair};
use crate::services;
use crate::test_list::tests;
use promises::Promise;

const COMMAND: &str = "cargo xtask reliability";
const PAGE: &str = "docs/reliability.md";

/// Run the tests that keep what the project promises, and write docs/reliability.md from what they print
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run them and compare, but write nothing
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let promises = promises::read(workspace)?;
    if let Some(module) = services::provide(&workspace.metadata()?, &[], false)?.first() {
        bail!("the tests in {module} keep promises");
    }
    let Some(figures) = run::figures(workspace, &promises)? else {
        println!("{PAGE} is left as it is: a promise is broken, see above");
        return Ok(ExitCode::FAILURE);
    };
    let page = page::write(&promises, &figures);
    if !args.check {
        fs::write(workspace.root().join(PAGE), page).with_context(|| format!("cannot write {PAGE}"))?;
    } else if read_page(workspace)? != page {
        println!("{PAGE} is not what the tests say now\n  repair: {COMMAND}");
        return Ok(ExitCode::FAILURE);
    }
    println!("{} promises are kept; {PAGE} says so", promises.len());
    Ok(ExitCode::SUCCESS)
}

fn read_page(workspace: &Workspace) -> Result<String> {
    fs::read_to_string(workspace.root().join(PAGE)).with_context(|| format!("cannot read {PAGE}"))
}

/// Checks promises and page without running a test.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let promises = promises::read(workspace)?;
    let tests = tests(workspace, &WHOLE)?;
    let mut findings = Vec::new();
    for Promise { says, guards, .. } in &promises {
        let place = format!("{}: \"{says}\"", promises::FILE);
        findings.extend(guards.iter().filter_map(|guard| guard.absent(&place, &tests)));
    }
    if !page::holds(&read_page(workspace)?, &promises) {
        findings.push(Finding {
            what: format!("{PAGE} does not hold the promises of {}", promises::FILE),
            repair: Repair::run(COMMAND),
        });
    }
    Ok(findings)
}
