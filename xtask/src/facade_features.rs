//! `cargo xtask facade-features`: lets the facade turn on every feature of every library that it re-exports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use crate::cargo::{Metadata, Workspace, stdout_of};
use crate::check::{Finding, Repair};

const COMMAND: &str = "cargo xtask facade-features";
const ROUNDS: usize = 2;
pub(crate) const FACADE: &str = "weifen";
/// The libraries that the facade re-exports.
pub(crate) const REEXPORTED: [&str; 7] = [
    "weifen-proto",
    "weifen-sign",
    "weifen-transport",
    "weifen-weiting",
    "weifen-fensi",
    "weifen-inbox",
    "weifen-sandbox",
];

/// Write the sub-crates' features that the facade lacks into its manifest
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(workspace: &Workspace, _: &Args) -> Result<ExitCode> {
    let mut left = missing(workspace)?;
    // A dependency that is added shows its features only then.
    for _ in 0..ROUNDS {
        if !left.is_empty() {
            write(workspace, &left)?;
            left = missing(workspace)?;
        }
    }
    for missing in &left {
        println!("left: {missing}, although its manifest says so: is it behind a target?");
    }
    Ok(if left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let findings = missing(workspace)?
        .into_iter()
        .map(|missing| Finding { what: missing.to_string(), repair: Repair::run(COMMAND) });
    Ok(findings.collect())
}

/// What the facade cannot turn on.
enum Missing {
    Library(String),
    Feature { library: String, feature: String },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library(library) => write!(f, "no feature of {FACADE} turns on {library}"),
            Self::Feature { library, feature } => {
                write!(f, "no feature of {FACADE} turns on feature {feature} of {library}")
            }
        }
    }
}

fn missing(workspace: &Workspace) -> Result<Vec<Missing>> {
    let metadata = workspace.metadata()?;
    if metadata.package(FACADE).is_none() {
        return Ok(Vec::new());
    }
    let enabled = enabled(workspace)?;
    let mut missing = Vec::new();
    for library in REEXPORTED.iter().filter_map(|name| metadata.package(name)) {
        let Some(on) = enabled.get(&library.name) else {
            missing.push(Missing::Library(library.name.clone()));
            continue;
        };
        // `default` only names others.
        let off = library.features.keys().filter(|name| *name != "default" && !on.contains(*name));
        missing.extend(off.map(|feature| Missing::Feature { library: library.name.clone(), feature: feature.clone() }));
    }
    Ok(missing)
}

/// The packages below the facade with all its features on, each with the features that are then on.
fn enabled(workspace: &Workspace) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut command = workspace.cargo(["tree", "--package", FACADE, "--all-features", "--edges", "normal"]);
    command.args(["--prefix", "none", "--format", "{p}|{f}"]);
    let mut enabled = BTreeMap::<String, BTreeSet<String>>::new();
    for line in stdout_of(&mut command)?.lines() {
        let Some((package, features)) = line.split_once('|') else {
            continue;
        };
        let Some(name) = package.split(' ').next() else {
            continue;
        };
        let features = features.trim_end_matches(" (*)").split(',').map(str::to_owned);
        enabled.entry(name.to_owned()).or_default().extend(features);
    }
    Ok(enabled)
}

fn write(workspace: &Workspace, missing: &[Missing]) -> Result<()> {
    let metadata = workspace.metadata()?;
    let facade = metadata.package(FACADE).context("there is no facade")?;
    let path = &facade.manifest_path;
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut manifest: DocumentMut = text.parse().with_context(|| format!("cannot read {}", path.display()))?;
    for missing in missing {
        let (feature, value) = match missing {
            Missing::Library(library) => {
                add_dependency(&mut manifest, library)?;
                (library.trim_start_matches("weifen-"), format!("dep:{library}"))
            }
            Missing::Feature { library, feature } => {
                let mark = if is_optional(&metadata, library) { "?" } else { "" };
                (feature.as_str(), format!("{library}{mark}/{feature}"))
            }
        };
        add_to_feature(&mut manifest, feature, &value)?;
        println!("{FACADE}: feature {feature} has {value}");
    }
    fs::write(path, manifest.to_string()).with_context(|| format!("cannot write {}", path.display()))
}

fn is_optional(metadata: &Metadata, library: &str) -> bool {
    let mut dependencies = metadata.package(FACADE).into_iter().flat_map(|facade| &facade.dependencies);
    dependencies.any(|dependency| dependency.name == library && !dependency.is_dev() && dependency.optional)
}

/// `LIBRARY = { workspace = true, optional = true }`
fn add_dependency(manifest: &mut DocumentMut, library: &str) -> Result<()> {
    let dependencies = table(manifest, "dependencies")?;
    if dependencies.contains_key(library) {
        return Ok(());
    }
    let mut entry = InlineTable::new();
    entry.insert("workspace", true.into());
    entry.insert("optional", true.into());
    dependencies.insert(library, Item::Value(Value::InlineTable(entry)));
    Ok(())
}

fn add_to_feature(manifest: &mut DocumentMut, feature: &str, value: &str) -> Result<()> {
    let features = table(manifest, "features")?;
    let entry = features.entry(feature).or_insert_with(|| Item::Value(Array::new().into()));
    let list = entry.as_array_mut().with_context(|| format!("feature {feature} of {FACADE} is no list"))?;
    if !list.iter().any(|item| item.as_str() == Some(value)) {
        list.push(value);
    }
    Ok(())
}

fn table<'a>(manifest: &'a mut DocumentMut, name: &str) -> Result<&'a mut Table> {
    manifest
        .entry(name)
        .or_insert_with(toml_edit::table)
        .as_table_mut()
        .with_context(|| format!("[{name}] of {FACADE} is no table"))
}
