//! Writes the cassettes' folders, or compares them with new recordings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use similar::TextDiff;
use weifen_transport::cassette::Cassette;

/// A folder, and the cassettes that it should hold.
type Folder = (PathBuf, Vec<(&'static str, Cassette)>);

/// Number of lines shown of a difference.
const SHOWN: usize = 60;

pub(crate) fn write(folders: &[Folder]) -> Result<ExitCode> {
    for (folder, cassettes) in folders {
        make(folder)?;
        for (name, cassette) in cassettes {
            let path = folder.join(file_name(name));
            if fs::read_to_string(&path).ok().as_deref() != Some(&cassette.to_text()) {
                cassette.write(&path)?;
                println!("wrote {}", shown(&path));
            }
        }
        for stale in stale(folder, cassettes)? {
            fs::remove_file(&stale).with_context(|| format!("cannot remove {}", shown(&stale)))?;
            println!("removed {}", shown(&stale));
        }
    }
    say_count(folders);
    Ok(ExitCode::SUCCESS)
}

fn say_count(folders: &[Folder]) {
    let count: usize = folders.iter().map(|(_, cassettes)| cassettes.len()).sum();
    println!("{count} cassettes are as recorded");
}

pub(crate) fn check(folders: &[Folder]) -> Result<ExitCode> {
    let mut differences = Vec::new();
    for (folder, cassettes) in folders {
        for (name, cassette) in cassettes {
            let path = folder.join(file_name(name));
            let old = match fs::read_to_string(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    differences.push(format!("{} is missing", shown(&path)));
                    continue;
                }
                old => old.with_context(|| format!("cannot read {}", shown(&path)))?,
            };
            let new = cassette.to_text();
            if old != new {
                differences.push(format!("{} differs from what was recorded now:\n{}", shown(&path), diff(&old, &new)));
            }
        }
        differences
            .extend(stale(folder, cassettes)?.iter().map(|path| format!("{} belongs to no scenario", shown(path))));
    }
    if differences.is_empty() {
        say_count(folders);
        return Ok(ExitCode::SUCCESS);
    }
    for difference in &differences {
        eprintln!("{difference}");
    }
    eprintln!("to repair: cargo xtask record");
    Ok(ExitCode::FAILURE)
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

/// Returns the cassettes in the folder itself that are not among `cassettes`; those of live vendors lie below it.
fn stale(folder: &Path, cassettes: &[(&'static str, Cassette)]) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let expected: BTreeSet<PathBuf> = cassettes.iter().map(|(name, _)| folder.join(file_name(name))).collect();
    let mut stale = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", shown(folder)))? {
        let path = entry?.path();
        let is_cassette = path.extension().is_some_and(|extension| extension == "json") && path.is_file();
        if is_cassette && !expected.contains(&path) {
            stale.push(path);
        }
    }
    stale.sort();
    Ok(stale)
}

fn diff(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().context_radius(3).to_string();
    let mut lines: Vec<&str> = text.lines().take(SHOWN).collect();
    if text.lines().count() > SHOWN {
        lines.push("…");
    }
    lines.join("\n")
}
