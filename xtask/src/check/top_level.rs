//! The top level holds the house's folders and the files that tools look for by name, nothing else.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Result;

use super::{Finding, Repair};
use crate::cargo::{Workspace, output_of};

const ALLOWED: [&str; 16] = [
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "xtask",
    "docs",
    "README.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "CHANGELOG.md",
    "deny.toml",
    "clippy.toml",
    "rustfmt.toml",
    ".cargo",
    ".ci",
    ".gitignore",
    ".gitattributes",
];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let stray = entries(workspace)?.into_iter().filter(|name| !ALLOWED.contains(&name.as_str()));
    let findings = stray.map(|name| Finding {
        what: format!("{name} does not belong at the top level"),
        repair: Repair::run(format!("mv -n -- '{}' docs/", name.replace('\'', r"'\''"))),
    });
    Ok(findings.collect())
}

/// What git has or would take; where there is no git, what is there beside the build's folder and git's own.
fn entries(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut git = std::process::Command::new("git");
    git.current_dir(workspace.root());
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    if let Ok(output) = output_of(&mut git)
        && output.status.success()
    {
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        let first = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
        let names = listed.split('\0').filter(|path| !path.is_empty()).map(first);
        // A file that was deleted and not yet committed is still listed.
        return Ok(names.filter(|name| workspace.root().join(name).exists()).collect());
    }
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(workspace.root())? {
        names.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    names.remove("target");
    names.remove(".git");
    Ok(names)
}
