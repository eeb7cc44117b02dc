//! Lists the files below a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Returns all files below `folder`, sorted, without those in `target` folders; none where it does not exist.
pub(crate) fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        collect(folder, &mut found)?;
    }
    found.sort();
    Ok(found)
}

/// Returns the Rust files below `folder`, sorted.
pub(crate) fn rust_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = below(folder)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    Ok(files)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            found.push(entry.path());
        } else if entry.file_name() != "target" {
            collect(&entry.path(), found)?;
        }
    }
    Ok(())
}
