//! The checks that another program makes: rustfmt, clippy, rustdoc, the recorder.

use anyhow::Result;

use super::{Finding, Repair, judge};
use crate::cargo::Workspace;
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
