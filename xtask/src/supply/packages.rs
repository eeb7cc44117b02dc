//! Checks the packages as they would be published: their files, and that each builds from them alone.

use anyhow::Result;

use crate::cargo::{Package, Workspace, stdout_of};
use crate::check::{Finding, Repair, judge};

/// Files that every package must have.
const NEEDED: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];
/// Folders whose files no user of a package needs.
const NEEDLESS: [&str; 2] = ["tests/", "cassettes/"];

pub(super) fn contents(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in workspace.metadata()?.packages.iter().filter(|package| package.is_published()) {
        let list = ["package", "--quiet", "--list", "--allow-dirty", "--package", &package.name];
        let files = stdout_of(&mut workspace.cargo(list))?;
        findings.extend(wrong(package, &files));
    }
    Ok(findings)
}

fn wrong(package: &Package, files: &str) -> Vec<Finding> {
    let missing = NEEDED.iter().filter(|needed| !files.lines().any(|file| file == **needed));
    let missing = missing.map(|file| format!("the package of {} lacks {file}", package.name));
    let needless = files.lines().filter(|file| NEEDLESS.iter().any(|folder| file.starts_with(folder)));
    let needless = needless.map(|file| format!("the package of {} holds {file}, which no user needs", package.name));
    let repair = || Repair::by_hand("see `include` in Cargo.toml");
    missing.chain(needless).map(|what| Finding { what, repair: repair() }).collect()
}

/// Builds every package from its files; dependencies among them are built from their packages too.
pub(super) fn build(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut command = workspace.cargo(["package", "--quiet", "--workspace", "--allow-dirty"]);
    judge(&mut command, Repair::by_hand("a file is missing in `include` of Cargo.toml, or a version beside a path"))
}
