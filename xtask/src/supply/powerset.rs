//! Every library with no feature, with its defaults, with each feature and with each two of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::cargo::{Package, Workspace, output_of, shown};
use crate::check::{Finding, Repair};
use crate::facade_features::FACADE;

type Features = BTreeSet<String>;

pub(super) fn libraries(workspace: &Workspace) -> Result<Vec<Finding>> {
    check(workspace, |package| package.name != FACADE)
}

/// By far the most sets.
pub(super) fn facade(workspace: &Workspace) -> Result<Vec<Finding>> {
    check(workspace, |package| package.name == FACADE)
}

fn check(workspace: &Workspace, is_meant: fn(&Package) -> bool) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in workspace.metadata()?.packages.iter().filter(|package| package.is_published() && is_meant(package)) {
        for features in sets(&package.features) {
            findings.extend(builds(workspace, package, &features)?);
        }
    }
    Ok(findings)
}

/// What is wrong with the library, these features on and no others. A warning is wrong: it is of ours.
fn builds(workspace: &Workspace, package: &Package, features: &Features) -> Result<Option<Finding>> {
    let features: Vec<_> = features.iter().map(String::as_str).collect();
    let mut command = workspace.cargo(["check", "--quiet", "--package", &package.name, "--no-default-features"]);
    command.args(["--features", &features.join(",")]);
    let output = output_of(&mut command)?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok((!output.status.success() || !said.trim().is_empty()).then(|| Finding {
        what: format!("$ {}\n{said}", shown(&command)),
        repair: Repair::by_hand("let every two features of a library build, without a warning"),
    }))
}

/// None, the defaults, each, each two; a set that turns on the same as one before is left out.
fn sets(declared: &BTreeMap<String, Vec<String>>) -> Vec<Features> {
    let names: Vec<_> = declared.keys().filter(|name| *name != "default").collect();
    let mut chosen = vec![Features::new(), defaults(declared)];
    chosen.extend(names.iter().map(|one| Features::from([(*one).clone()])));
    for (at, one) in names.iter().enumerate() {
        chosen.extend(names[at + 1..].iter().map(|other| Features::from([(*one).clone(), (*other).clone()])));
    }
    let mut seen = BTreeSet::new();
    chosen.retain(|features| seen.insert(turned_on(declared, features)));
    chosen
}

fn defaults(declared: &BTreeMap<String, Vec<String>>) -> Features {
    declared.get("default").into_iter().flatten().cloned().collect()
}

/// These features, with all of the same package that they bring along.
fn turned_on(declared: &BTreeMap<String, Vec<String>>, features: &Features) -> Features {
    let mut on = features.clone();
    loop {
        let brought = on.iter().filter_map(|feature| declared.get(feature)).flatten();
        let more: Features = brought.filter(|part| declared.contains_key(*part)).cloned().collect();
        if more.is_subset(&on) {
            return on;
        }
        on.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_two_features_come_together_once() {
        let declared = [("default", vec!["a"]), ("a", vec!["b", "dep:x"]), ("b", vec![]), ("c", vec!["y/c"])];
        let text = |parts: Vec<&str>| parts.into_iter().map(str::to_owned).collect();
        let declared = declared.map(|(name, parts)| (name.to_owned(), text(parts))).into();
        let sets: Vec<_> = sets(&declared).iter().map(|set| Vec::from_iter(set.clone()).join(",")).collect();
        assert_eq!(sets, ["", "a", "b", "c", "a,c", "b,c"], "a brings b along, and is the default");
    }
}
