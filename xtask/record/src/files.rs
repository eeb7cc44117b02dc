//! Writes the cassettes' folders, or compares them with new recordings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use weifen_transport::cassette::Cassette;

/// A folder, and the cassettes that it should hold.
type Folder = (PathBuf, Vec<(&'static str, Cassette)>);

/// A file that is not as recorded.
struct Difference<'a> {
    path: PathBuf,
    what: &'static str,
    /// The cassette that it should hold; `None` where there should be no file.
    due: Option<&'a Cassette>,
}

pub(crate) fn write(folders: &[Folder]) -> Result<ExitCode> {
    for (folder, _) in folders {
        make(folder)?;
    }
    for Difference { path, due, .. } in differences(folders)? {
        if let Some(cassette) = due {
            cassette.write(&path)?;
            println!("wrote {}", shown(&path));
        } else {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", shown(&path)))?;
            println!("removed {}", shown(&path));
        }
    }
    say_count(folders);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn check(folders: &[Folder]) -> Result<ExitCode> {
    let differences = differences(folders)?;
    if differences.is_empty() {
        say_count(folders);
        return Ok(ExitCode::SUCCESS);
    }
    for Difference { path, what, .. } in &differences {
        eprintln!("{} {what}", shown(path));
    }
    eprintln!("to repair: cargo xtask record, then read the difference in git");
    Ok(ExitCode::FAILURE)
}

fn say_count(folders: &[Folder]) {
    let count: usize = folders.iter().map(|(_, cassettes)| cassettes.len()).sum();
    println!("{count} cassettes are as recorded");
}

fn differences(folders: &[Folder]) -> Result<Vec<Difference<'_>>> {
    let mut differences = Vec::new();
    for (folder, cassettes) in folders {
        let mut found = found(folder)?;
        for (name, cassette) in cassettes {
            let path = folder.join(file_name(name));
            let what = if !found.remove(&path) {
                "is missing"
            } else if fs::read_to_string(&path).ok().as_deref() != Some(&cassette.to_text()) {
                "differs from what was recorded now"
            } else {
                continue;
            };
            differences.push(Difference { path, what, due: Some(cassette) });
        }
        let strange = |path| Difference { path, what: "belongs to no scenario", due: None };
        differences.extend(found.into_iter().map(strange));
    }
    Ok(differences)
}

pub(crate) fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", shown(folder)))
}

pub(crate) fn file_name(scenario: &str) -> String {
    format!("{scenario}.json")
}

/// Returns a path relative to the project's folder.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// Returns the cassettes in the folder itself; those of live vendors lie below it.
fn found(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", shown(folder)))? {
            let path = entry?.path();
            if path.is_file() && path.extension().is_some_and(|extension| extension == "json") {
                found.insert(path);
            }
        }
    }
    Ok(found)
}
