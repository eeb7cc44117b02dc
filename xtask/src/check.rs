//! `cargo xtask check`: checks the tree step by step, and prints for each finding the command that repairs it.

mod arrows;
pub(crate) mod facade;
mod manifests;
mod purity;
mod tools;
mod traps;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::cargo::{Workspace, output_of};
use crate::counted::counted;
use crate::{fixtures, printed, reliability, translated};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these steps; an unknown name is answered with the list of all steps
    #[arg(value_name = "STEP")]
    pub(crate) steps: Vec<String>,
}

/// A fault in the tree, with its repair.
pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) repair: Repair,
}

/// The repair of a finding.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
pub(crate) enum Repair {
    /// Run this command.
    Run(String),
    /// An instruction, which only a person can follow.
    ByHand(String),
    /// An instruction that can wait: the step passes and prints it.
    Later(String),
}

impl Repair {
    pub(crate) fn run(command: impl Into<String>) -> Self {
        Self::Run(command.into())
    }

    pub(crate) fn by_hand(words: impl Into<String>) -> Self {
        Self::ByHand(words.into())
    }
}

/// A check with its name.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) check: fn(&Workspace) -> Result<Vec<Finding>>,
}

/// All steps, the quick ones first.
pub(crate) const STEPS: [Step; 16] = [
    Step { name: "fmt", check: tools::fmt },
    Step { name: "fixtures", check: fixtures::check },
    Step { name: "manifests", check: manifests::check },
    Step { name: "typos", check: tools::typos },
    Step { name: "markdown", check: tools::markdown },
    Step { name: "chinese", check: translated::check },
    Step { name: "arrows", check: arrows::check },
    Step { name: "purity", check: purity::check },
    Step { name: "facade", check: facade::check },
    Step { name: "clippy", check: tools::clippy },
    Step { name: "docs", check: tools::docs },
    Step { name: "cassettes", check: tools::cassettes },
    Step { name: "config", check: |workspace| printed::CONFIGURATION.check(workspace) },
    Step { name: "openapi", check: |workspace| printed::OPENAPI.check(workspace) },
    Step { name: "traps", check: traps::check },
    Step { name: "promises", check: reliability::check },
];

/// Runs the steps that `wanted` names; all steps where it names none.
pub(crate) fn run(workspace: &Workspace, steps: &[Step], wanted: &[String]) -> Result<ExitCode> {
    for name in wanted {
        if !steps.iter().any(|step| step.name == name) {
            let names: Vec<_> = steps.iter().map(|step| step.name).collect();
            bail!("unknown check {name}; the checks are {}", names.join(", "));
        }
    }
    let is_wanted = |step: &&Step| wanted.is_empty() || wanted.iter().any(|name| name == step.name);
    let (mut count, mut failed) = (0, Vec::new());
    for step in steps.iter().filter(is_wanted) {
        count += 1;
        if !passes(workspace, step) {
            failed.push(step.name);
        }
    }
    if failed.is_empty() {
        println!("{}, all passed", counted(count, "check"));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}, {} failed: {}", counted(count, "check"), failed.len(), failed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// Runs a step, and prints its line and then its findings.
fn passes(workspace: &Workspace, step: &Step) -> bool {
    let start = Instant::now();
    print!("{:<10}", step.name);
    // Without a flush the line appears later.
    let _ = std::io::stdout().flush();
    let result = (step.check)(workspace);
    let seconds = start.elapsed().as_secs_f64();
    let findings = match result {
        Ok(findings) if findings.iter().all(|finding| matches!(finding.repair, Repair::Later(_))) => {
            println!(" ok     {seconds:>6.1} s");
            report(&findings);
            return true;
        }
        Ok(findings) => findings,
        Err(error) => vec![Finding {
            what: format!("{error:#}"),
            repair: Repair::by_hand("the check itself failed; see the error above"),
        }],
    };
    println!(" FAILED {seconds:>6.1} s");
    report(&findings);
    false
}

/// Prints all findings, then each repair once.
fn report(findings: &[Finding]) {
    for finding in findings {
        for line in finding.what.trim_end().lines() {
            println!("    {line}");
        }
    }
    let repairs: BTreeSet<&Repair> = findings.iter().map(|finding| &finding.repair).collect();
    for repair in repairs {
        match repair {
            Repair::Run(command) => println!("  repair: {command}"),
            Repair::ByHand(words) => println!("  by hand: {words}"),
            Repair::Later(words) => println!("  later: {words}"),
        }
    }
}

/// Runs a command; a failure is a finding with its output and `repair`.
pub(crate) fn judge(command: &mut Command, repair: Repair) -> Result<Vec<Finding>> {
    let output = output_of(command)?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let mut what = String::from_utf8_lossy(&output.stderr).into_owned();
    what.push_str(&String::from_utf8_lossy(&output.stdout));
    if what.trim().is_empty() {
        what = format!("the command ended with {}", output.status);
    }
    Ok(vec![Finding { what, repair }])
}
