//! Checks the committed snapshots: none is pending, none is unused.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cargo::Workspace;
use crate::check::{Finding, Repair};
use crate::files;

/// Variable of insta: names the file into which it writes each snapshot that a test used.
pub(crate) const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

/// Finds pending snapshots.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut pending = below(workspace.root())?;
    pending.retain(|place| !is_snapshot(place));
    let finding = |place: &PathBuf| Finding {
        what: format!(
            "{} is pending: a test found something else than its snapshot (to take it over, run the test with \
             INSTA_UPDATE=always)",
            place.display()
        ),
        repair: removal(place),
    };
    Ok(pending.iter().map(finding).collect())
}

/// Finds snapshots that no test used, after a run of all tests with [`REFERENCES`] set to `references`.
pub(crate) fn unreferenced(workspace: &Workspace, references: &Path) -> Result<Vec<Finding>> {
    let root = workspace.root();
    let asked: BTreeSet<PathBuf> = match fs::read_to_string(references) {
        // A snapshot that a test used may be missing; then it is not among the files either.
        Ok(text) => text.lines().filter_map(|line| fs::canonicalize(line).ok()).collect(),
        Err(_) => BTreeSet::new(),
    };
    let mut findings = Vec::new();
    for place in below(root)?.into_iter().filter(|place| is_snapshot(place)) {
        if !asked.contains(&fs::canonicalize(root.join(&place))?) {
            let what = format!("no test asks for {}", place.display());
            findings.push(Finding { what, repair: removal(&place) });
        }
    }
    Ok(findings)
}

fn removal(place: &Path) -> Repair {
    Repair::run(format!("rm -- '{}'", place.display().to_string().replace('\'', r"'\''")))
}

fn is_snapshot(place: &Path) -> bool {
    place.extension().is_some_and(|extension| extension == "snap")
}

/// Returns all files with a snapshot's name, by path from the root.
fn below(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = files::below(&root.join("crates"))?;
    found.extend(files::below(&root.join("xtask"))?);
    found.retain(|path| {
        let name = path.to_string_lossy();
        [".snap", ".snap.new", ".pending-snap"].iter().any(|end| name.ends_with(end))
    });
    Ok(found.into_iter().map(|path| path.strip_prefix(root).map(Path::to_owned).unwrap_or(path)).collect())
}
