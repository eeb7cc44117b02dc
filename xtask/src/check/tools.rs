//! The checks that another program makes: rustfmt, clippy, rustdoc, the recorder, and where they are installed a
//! speller and a Markdown linter.

use std::process::Command;

use anyhow::Result;

use super::{Finding, Repair, judge};
use crate::cargo::{Workspace, output_of};
use crate::programs::recorder;

pub(super) fn fmt(workspace: &Workspace) -> Result<Vec<Finding>> {
    judge(&mut workspace.cargo(["fmt", "--all", "--check", "--", "-l"]), Repair::run("cargo fmt --all"))
}

pub(super) fn clippy(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut command = workspace.cargo(["clippy", "--quiet", "--workspace", "--all-targets", "--all-features"]);
    judge(
        command.args(["--", "-D", "warnings"]),
        Repair::run(
            "cargo clippy --fix --workspace --all-targets --all-features --allow-dirty --allow-staged --allow-no-vcs",
        ),
    )
}

pub(super) fn docs(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut command = workspace.cargo(["doc", "--quiet", "--workspace", "--no-deps", "--all-features"]);
    judge(command.env("RUSTDOCFLAGS", "-D warnings"), Repair::by_hand("write what rustdoc suggests at each place"))
}

pub(super) fn cassettes(workspace: &Workspace) -> Result<Vec<Finding>> {
    judge(recorder(workspace)?.arg("--check"), Repair::run("cargo xtask record"))
}

/// Checks the spelling, by .typos.toml.
pub(super) fn typos(workspace: &Workspace) -> Result<Vec<Finding>> {
    by_optional(workspace, "typos", &["--format", "brief"], Repair::run("typos --write-changes"))
}

/// Checks the form of the pages, by .rumdl.toml.
pub(super) fn markdown(workspace: &Workspace) -> Result<Vec<Finding>> {
    by_optional(
        workspace,
        "rumdl",
        &["check", "--no-cache", "."],
        Repair::by_hand("write each line as the linter asks"),
    )
}

/// Checks the tree by a program that not every machine has: without it the step passes, and says so.
fn by_optional(workspace: &Workspace, program: &str, args: &[&str], repair: Repair) -> Result<Vec<Finding>> {
    if !output_of(Command::new(program).arg("--version")).is_ok_and(|output| output.status.success()) {
        let what = format!("not checked: {program} is not installed");
        return Ok(vec![Finding { what, repair: Repair::Later(format!("pip install {program}")) }]);
    }
    judge(Command::new(program).current_dir(workspace.root()).args(args), repair)
}
