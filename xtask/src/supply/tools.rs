//! The checks by other programs, which have to be installed: cargo-deny, cargo-hack.

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

/// Checks the tree by a subcommand of cargo.
fn by_tool(workspace: &Workspace, tool: &str, args: &[&str], repair: Repair) -> Result<Vec<Finding>> {
    if output_of(&mut workspace.cargo([tool, "--version"]))?.status.success() {
        return judge(workspace.cargo([tool]).args(args), repair);
    }
    let repair = Repair::run(format!("cargo install --locked cargo-{tool}"));
    Ok(vec![Finding { what: format!("cargo-{tool} is not installed"), repair }])
}
