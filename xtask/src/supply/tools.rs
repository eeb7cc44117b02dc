//! The checks by other programs, which have to be installed: cargo-deny, cargo-hack, cargo-semver-checks.

use std::process::Command;

use anyhow::Result;

use crate::cargo::{Workspace, output_of};
use crate::check::facade::FACADE;
use crate::check::{Finding, Repair, judge};

/// Checks licences, bans and sources by deny.toml. Known vulnerabilities need a query online, and are left out.
pub(super) fn deny(workspace: &Workspace) -> Result<Vec<Finding>> {
    let repair = Repair::by_hand("choose another dependency, or allow this one in deny.toml and say why");
    by_tool(workspace, "deny", &["check", "--deny", "unmatched-skip", "licenses", "bans", "sources"], repair)
}

/// Runs clippy on each published library but the facade: with no feature, the defaults, each feature and each two.
pub(super) fn powerset(workspace: &Workspace) -> Result<Vec<Finding>> {
    hack(workspace, &["--workspace", "--exclude", FACADE])
}

/// Runs clippy on the facade in the same way; it has by far the most feature sets.
pub(super) fn facade(workspace: &Workspace) -> Result<Vec<Finding>> {
    hack(workspace, &["--package", FACADE])
}

fn hack(workspace: &Workspace, which: &[&str]) -> Result<Vec<Finding>> {
    let sets = ["clippy", "--quiet", "--ignore-private", "--feature-powerset", "--depth", "2", "--keep-going"];
    let args = [&sets, which, &["--", "-D", "warnings"]].concat();
    by_tool(workspace, "hack", &args, Repair::by_hand("let every two features of a library build, without a warning"))
}

/// Compares the libraries' public items with those of the newest tag: what breaks users needs a new version.
pub(super) fn semver(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut describe = Command::new("git");
    let tag = output_of(describe.current_dir(workspace.root()).args(["describe", "--tags", "--abbrev=0"]))?;
    if !tag.status.success() {
        let what = "not checked: no release is tagged yet".to_owned();
        return Ok(vec![Finding { what, repair: Repair::Later("git tag v0.1.0, at the first release".to_owned()) }]);
    }
    let tag = String::from_utf8_lossy(&tag.stdout);
    let repair = Repair::by_hand("raise the version in Cargo.toml, or keep what its users call");
    by_tool(workspace, "semver-checks", &["--workspace", "--baseline-rev", tag.trim()], repair)
}

/// Checks the tree by a subcommand of cargo.
fn by_tool(workspace: &Workspace, tool: &str, args: &[&str], repair: Repair) -> Result<Vec<Finding>> {
    if output_of(&mut workspace.cargo([tool, "--version"]))?.status.success() {
        return judge(workspace.cargo([tool]).args(args), repair);
    }
    let repair = Repair::run(format!("cargo install --locked cargo-{tool}"));
    Ok(vec![Finding { what: format!("cargo-{tool} is not installed"), repair }])
}
