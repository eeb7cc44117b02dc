//! Checks that the facade can turn on every feature of every library that it re-exports.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::{Finding, Repair};
use crate::cargo::{Workspace, stdout_of};

pub(crate) const FACADE: &str = "weifen";

/// The libraries that the facade re-exports.
pub(super) const REEXPORTED: [&str; 8] = [
    "weifen-proto",
    "weifen-sign",
    "weifen-transport",
    "weifen-weiting",
    "weifen-fensi",
    "weifen-inbox",
    "weifen-journal",
    "weifen-sandbox",
];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let metadata = workspace.metadata()?;
    let enabled = enabled(workspace)?;
    let mut findings = Vec::new();
    for library in REEXPORTED.iter().filter_map(|name| metadata.package(name)) {
        let name = &library.name;
        let Some(on) = enabled.get(name) else {
            findings.push(lacking(name));
            continue;
        };
        // `default` only names other features.
        let off = library.features.keys().filter(|feature| *feature != "default" && !on.contains(*feature));
        findings.extend(off.map(|feature| lacking(&format!("feature {feature} of {name}"))));
    }
    Ok(findings)
}

fn lacking(what: &str) -> Finding {
    Finding {
        what: format!("no feature of {FACADE} turns on {what}"),
        repair: Repair::by_hand("let a feature in crates/facade/Cargo.toml turn it on, as others do"),
    }
}

/// Returns the packages below the facade with all its features on, each with its enabled features.
fn enabled(workspace: &Workspace) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut command = workspace.cargo(["tree", "--package", FACADE, "--all-features", "--edges", "normal"]);
    command.args(["--prefix", "none", "--format", "{p}|{f}"]);
    let mut enabled = BTreeMap::<String, BTreeSet<String>>::new();
    for line in stdout_of(&mut command)?.lines() {
        if let Some((package, features)) = line.split_once('|')
            && let Some(name) = package.split(' ').next()
        {
            let features = features.trim_end_matches(" (*)").split(',').map(str::to_owned);
            enabled.entry(name.to_owned()).or_default().extend(features);
        }
    }
    Ok(enabled)
}
