//! `cargo xtask check`: everything about the tree that a program can see, step by step, each with the command that repairs it.

mod arrows;
mod purity;
mod tools;
mod top_level;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::cargo::Workspace;
use crate::{facade_features, fixtures, reliability, snapshots, traps};

/// Check the tree: format, lints, docs, generated files, architecture
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    #[arg(value_name = "STEP", help = format!("Only these steps: {}", known()))]
    steps: Vec<String>,
}

/// Something that is wrong.
pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) repair: Repair,
}

/// What mends it.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
pub(crate) enum Repair {
    /// This command, as it stands.
    Run(String),
    /// Only a person: what to do.
    ByHand(String),
}

impl Repair {
    pub(crate) fn run(command: impl Into<String>) -> Self {
        Self::Run(command.into())
    }

    pub(crate) fn by_hand(words: impl Into<String>) -> Self {
        Self::ByHand(words.into())
    }
}

struct Step {
    name: &'static str,
    check: fn(&Workspace) -> Result<Vec<Finding>>,
}

/// The quick ones first.
const STEPS: [Step; 12] = [
    Step { name: "fmt", check: tools::fmt },
    Step { name: "fixtures", check: fixtures::check },
    Step { name: "snapshots", check: snapshots::check },
    Step { name: "top-level", check: top_level::check },
    Step { name: "arrows", check: arrows::check },
    Step { name: "purity", check: purity::check },
    Step { name: "facade", check: facade_features::check },
    Step { name: "clippy", check: tools::clippy },
    Step { name: "docs", check: tools::docs },
    Step { name: "cassettes", check: tools::cassettes },
    Step { name: "traps", check: traps::check },
    Step { name: "promises", check: reliability::check },
];

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let steps = chosen(&args.steps)?;
    let mut failed = Vec::new();
    for step in &steps {
        if !passes(workspace, step) {
            failed.push(step.name);
        }
    }
    if failed.is_empty() {
        println!("{} checks, all passed", steps.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} checks, {} failed: {}", steps.len(), failed.len(), failed.join(", "));
    Ok(ExitCode::FAILURE)
}

fn chosen(names: &[String]) -> Result<Vec<&'static Step>> {
    for name in names {
        if !STEPS.iter().any(|step| step.name == name) {
            bail!("there is no check {name}; the checks are {}", known());
        }
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

fn known() -> String {
    STEPS.map(|step| step.name).join(", ")
}

/// Runs a step and prints its line; what it found follows.
fn passes(workspace: &Workspace, step: &Step) -> bool {
    let start = Instant::now();
    print!("{:<10}", step.name);
    // A line that cannot be shown early is shown late.
    let _ = std::io::stdout().flush();
    let result = (step.check)(workspace);
    let seconds = start.elapsed().as_secs_f64();
    let findings = match result {
        Ok(findings) if findings.is_empty() => {
            println!(" ok     {seconds:>6.1} s");
            return true;
        }
        Ok(findings) => findings,
        Err(error) => vec![Finding {
            what: format!("{error:#}"),
            repair: Repair::by_hand("the check itself could not be made, see above"),
        }],
    };
    println!(" FAILED {seconds:>6.1} s");
    report(&findings);
    false
}

/// What is wrong, then each repair once.
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
        }
    }
}
