//! `cargo xtask supply`: what comes in with the dependencies, and what goes out as packages.

mod deny;
mod msrv;
mod packages;
mod powerset;

use std::process::ExitCode;

use anyhow::Result;

use crate::cargo::Workspace;
use crate::check::{Step, go_through, names};

/// Check what comes in and goes out: licences and sources, the oldest Rust, feature sets, packages
#[derive(clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "STEP", help = format!("Only these steps: {}", names(&STEPS)))]
    steps: Vec<String>,
}

const STEPS: [Step; 6] = [
    Step { name: "deny", check: deny::check },
    Step { name: "msrv", check: msrv::check },
    Step { name: "contents", check: packages::contents },
    Step { name: "powerset", check: powerset::libraries },
    Step { name: "facade", check: powerset::facade },
    Step { name: "packages", check: packages::build },
];

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    go_through(workspace, &STEPS, &args.steps)
}
