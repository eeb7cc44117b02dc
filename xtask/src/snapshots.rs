//! Finds the snapshots that no test uses.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cargo::Workspace;
use crate::check::{Finding, Repair};
use crate::files;

/// Variable of insta: names the file into which it writes each snapshot that a test used.
pub(crate) const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

/// Returns a finding for each snapshot that no test used, after a run of all tests with [`REFERENCES`] set to
/// `references`.
pub(crate) fn unreferenced(workspace: &Workspace, references: &Path) -> Result<Vec<Finding>> {
    let root = workspace.root();
    // No test has a snapshot where the file does not exist.
    let asked = fs::read_to_string(references).unwrap_or_default();
    // A snapshot that a test used may be missing; then it is not among the files either.
    let asked: BTreeSet<PathBuf> = asked.lines().filter_map(|line| fs::canonicalize(line).ok()).collect();
    let mut findings = Vec::new();
    for folder in ["crates", "xtask"] {
        for path in files::below(&root.join(folder))? {
            let is_snapshot = path.extension().is_some_and(|extension| extension == "snap");
            if is_snapshot && !asked.contains(&fs::canonicalize(&path)?) {
                let place = path.strip_prefix(root).unwrap_or(&path).display();
                let repair = Repair::run(format!("rm -- '{place}'"));
                findings.push(Finding { what: format!("no test asks for {place}"), repair });
            }
        }
    }
    Ok(findings)
}
