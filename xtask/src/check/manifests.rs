//! Checks every package's Cargo.toml: one licence, one minimal Rust, and for published ones all metadata that readers
//! of crates.io and docs.rs need.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Finding, Repair};
use crate::cargo::{Metadata, Package, Workspace};
use crate::files;

const LICENSE: &str = "MIT OR Apache-2.0";
const LICENSE_FILES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
/// Pages that name the minimal Rust.
const PAGES: [&str; 2] = ["README.md", "docs/zh/README.md"];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let metadata = workspace.metadata()?;
    let mut findings = rust_versions(workspace, &metadata)?;
    findings.extend(named_versions(workspace, &metadata)?);
    for package in &metadata.packages {
        if package.license.as_deref() != Some(LICENSE) {
            findings.push(manifest(package, &format!("`license` is not {LICENSE}"), "license.workspace = true"));
        }
        if package.is_published() {
            findings.extend(published(workspace, &metadata, package)?);
        }
    }
    Ok(findings)
}

/// Checks that all packages have one minimal Rust, and that the pages name the same.
fn rust_versions(workspace: &Workspace, metadata: &Metadata) -> Result<Vec<Finding>> {
    let minimal = workspace.minimal_rust()?;
    let mut findings = Vec::new();
    for package in &metadata.packages {
        if package.rust_version.as_ref() != Some(&minimal) {
            findings.push(manifest(package, "`rust-version` is not the workspace's", "rust-version.workspace = true"));
        }
    }
    for page in PAGES {
        let text = fs::read_to_string(workspace.root().join(page)).with_context(|| format!("cannot read {page}"))?;
        if !text.contains(&format!("Rust {minimal}")) {
            findings.push(Finding {
                what: format!("{page} does not name Rust {minimal}, the minimum version"),
                repair: Repair::by_hand(format!(
                    "say \"Rust {minimal}\" in {page}, or change rust-version in Cargo.toml"
                )),
            });
        }
    }
    Ok(findings)
}

/// Finds versions in pages that are not those of the workspace, such as `tokio = "0.9"`. A page may name fewer digits.
fn named_versions(workspace: &Workspace, metadata: &Metadata) -> Result<Vec<Finding>> {
    let due: BTreeMap<_, _> = metadata.packages.iter().flat_map(Package::versions).collect();
    let mut findings = Vec::new();
    for path in files::below(workspace.root())? {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let page = path.strip_prefix(workspace.root()).unwrap_or(&path).display();
        // A dependency stands on a line of its own, or in inline code.
        for (line, code) in
            (1..).zip(text.lines()).flat_map(|(line, text)| text.split('`').map(move |code| (line, code)))
        {
            let Some((name, found)) = dependency(code) else {
                continue;
            };
            if let Some(due) = due.get(name.as_str()).filter(|due| !due.starts_with(&found)) {
                findings.push(Finding {
                    what: format!("{page}:{line}: {name} {found}, and the workspace has {due}"),
                    repair: Repair::by_hand(format!("write the workspace's versions in {page}")),
                });
            }
        }
    }
    Ok(findings)
}

/// Reads `NAME = "VERSION"` or `NAME = { version = "VERSION", … }`.
fn dependency(code: &str) -> Option<(String, String)> {
    let table: toml::Table = code.parse().ok()?;
    let (name, value) = table.into_iter().next()?;
    let version = value.get("version").unwrap_or(&value).as_str()?.to_owned();
    version.starts_with(|first: char| first.is_ascii_digit()).then_some((name, version))
}

fn published(workspace: &Workspace, metadata: &Metadata, package: &Package) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if package.description.is_none() {
        findings.push(manifest(package, "it has no description", "description = \"…\""));
    }
    if package.readme.is_none() {
        findings.push(manifest(package, "it has no README", "readme = \"README.md\""));
    }
    let docs = package.metadata.as_ref().and_then(|metadata| metadata.docs.get("rs"));
    if !docs.is_some_and(|docs| docs.all_features) {
        findings.push(manifest(
            package,
            "docs.rs would not show all features",
            "all-features = true in [package.metadata.docs.rs]",
        ));
    }
    let ours = |name: &str| metadata.package(name).is_some();
    for dependency in package.dependencies.iter().filter(|on| ours(&on.name) && !on.is_dev() && on.req == "*") {
        let what = format!("{} has no version, so the package cannot be published", dependency.name);
        findings.push(manifest(package, &what, "version = \"…\" beside its path"));
    }
    let folder = package.manifest_path.parent().context("a manifest has no folder")?;
    for file in LICENSE_FILES {
        if !is_same(&folder.join(file), &workspace.root().join(file)) {
            let folder = folder.strip_prefix(workspace.root()).unwrap_or(folder).display();
            findings.push(Finding {
                what: format!("{}: {file} is missing, or differs from the file at the top level", package.name),
                repair: Repair::run(format!("ln -sf ../../{file} {folder}/{file}")),
            });
        }
    }
    Ok(findings)
}

fn is_same(one: &Path, other: &Path) -> bool {
    fs::read(one).is_ok_and(|one| fs::read(other).is_ok_and(|other| one == other))
}

fn manifest(package: &Package, what: &str, instead: &str) -> Finding {
    Finding {
        what: format!("{}: {what}", package.name),
        repair: Repair::by_hand(format!("in {}: {instead}", package.manifest_path.display())),
    }
}
