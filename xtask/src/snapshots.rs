//! The committed snapshots: none is pending, none is left over.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cargo::Workspace;
use crate::check::{Finding, Repair};
use crate::files;

/// insta's: each snapshot that a test asked for is written into the file that this names.
pub(crate) const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

/// Pending snapshots, and those whose test file or fixture is gone.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let root = workspace.root();
    let mut findings = Vec::new();
    for place in below(root)? {
        let name = place.to_string_lossy();
        if name.ends_with(".snap.new") || name.ends_with(".pending-snap") {
            let what = format!(
                "{name} is pending: a test found something else than its snapshot (to take it over, run the test with INSTA_UPDATE=always)"
            );
            findings.push(Finding { what, repair: removal(&place) });
        } else if let Some(gone) = gone(root, &place)? {
            let what = format!("{name} belongs to {gone}, which is gone");
            findings.push(Finding { what, repair: removal(&place) });
        }
    }
    Ok(findings)
}

/// The snapshots that no test asked for, after all tests have run with [`REFERENCES`] naming `references`.
pub(crate) fn unreferenced(workspace: &Workspace, references: &Path) -> Result<Vec<Finding>> {
    let root = workspace.root();
    let asked: BTreeSet<PathBuf> = match fs::read_to_string(references) {
        // A snapshot that was asked for may be missing; it is not among the files either.
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

/// The file that a snapshot's header names and that is not there.
fn gone(root: &Path, place: &Path) -> Result<Option<String>> {
    if !is_snapshot(place) {
        return Ok(None);
    }
    let text = fs::read_to_string(root.join(place)).with_context(|| format!("cannot read {}", place.display()))?;
    let header = text.strip_prefix("---\n").and_then(|rest| rest.split("\n---").next()).unwrap_or_default();
    let named = header
        .lines()
        .filter_map(|line| line.strip_prefix("source: ").or_else(|| line.strip_prefix("input_file: ")))
        .map(|value| value.trim_matches('"'));
    Ok(named.filter(|file| !root.join(file).exists()).map(str::to_owned).next())
}

/// All files with something of a snapshot in their names, by their paths from the root.
fn below(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = files::below(&root.join("crates"))?;
    found.extend(files::below(&root.join("xtask"))?);
    found.retain(|path| {
        let name = path.to_string_lossy();
        [".snap", ".snap.new", ".pending-snap"].iter().any(|end| name.ends_with(end))
    });
    Ok(found.into_iter().map(|path| path.strip_prefix(root).map(Path::to_owned).unwrap_or(path)).collect())
}
