//! Checks dependency trees: no runtime, client or randomness under proto and sign; no HTTP client under bare
//! transport.

use anyhow::{Context, Result};

use super::{Finding, Repair, arrows};
use crate::cargo::{Branch, Metadata, Package, Workspace};

const RUNTIMES: [&str; 11] = [
    "tokio",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "async-trait",
    "futures",
    "futures-core",
    "futures-util",
    "rand",
    "getrandom",
];
const HTTP: [&str; 10] =
    ["reqwest", "hyper", "hyper-util", "h2", "axum", "tower", "ureq", "isahc", "curl", "attohttpc"];
const TRANSPORT: &str = "weifen-transport";

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let metadata = workspace.metadata()?;
    let mut findings = Vec::new();
    for name in ["weifen-proto", "weifen-sign"] {
        findings.extend(impure(workspace, &metadata, name)?);
    }
    if let Some(transport) = metadata.package(TRANSPORT) {
        findings.extend(heavy_when_bare(workspace, transport)?);
        findings.extend(reqwest_by_another_feature(workspace, transport)?);
    }
    Ok(findings)
}

/// Finds such packages under proto and sign, which are only values and functions, with any feature.
fn impure(workspace: &Workspace, metadata: &Metadata, name: &str) -> Result<Vec<Finding>> {
    let Some(package) = metadata.package(name) else {
        return Ok(Vec::new());
    };
    let tree = workspace.tree(name, &["--all-features"])?;
    let bad = tree.iter().filter(|branch| {
        let package = branch.package.as_str();
        RUNTIMES.contains(&package) || HTTP.contains(&package)
    });
    let mut findings = Vec::new();
    for branch in bad {
        let dependency = package
            .dependencies
            .iter()
            .find(|dependency| dependency.name == branch.through && dependency.kind.is_none())
            .with_context(|| format!("{name} has {} in its tree and not in its manifest", branch.through))?;
        findings.push(Finding {
            what: shown(name, branch, "with all features"),
            repair: Repair::run(arrows::removal(package, dependency)),
        });
    }
    Ok(findings)
}

/// Finds an HTTP client under a bare transport: users with a transport of their own must not pay for ours.
fn heavy_when_bare(workspace: &Workspace, transport: &Package) -> Result<Vec<Finding>> {
    let tree = workspace.tree(&transport.name, &["--no-default-features"])?;
    let bad = tree.iter().filter(|branch| HTTP.contains(&branch.package.as_str()));
    let findings = bad.map(|branch| Finding {
        what: shown(&transport.name, branch, "with no feature"),
        repair: Repair::run(format!("cargo add --package {} {} --optional", transport.name, branch.through)),
    });
    Ok(findings.collect())
}

/// Finds features that bring reqwest without turning on the feature `reqwest`.
fn reqwest_by_another_feature(workspace: &Workspace, transport: &Package) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for feature in transport.features.keys().filter(|name| !turns_on_reqwest(transport, name)) {
        let tree = workspace.tree(&transport.name, &["--no-default-features", "--features", feature])?;
        if let Some(branch) = tree.iter().find(|branch| branch.package == "reqwest") {
            findings.push(Finding {
                what: shown(&transport.name, branch, &format!("with feature {feature}")),
                repair: Repair::by_hand(format!(
                    "take {} out of feature {feature} of {TRANSPORT}, or let {feature} turn on feature reqwest",
                    branch.through
                )),
            });
        }
    }
    Ok(findings)
}

fn turns_on_reqwest(transport: &Package, feature: &str) -> bool {
    if feature == "reqwest" {
        return true;
    }
    let parts = transport.features.get(feature).map(Vec::as_slice).unwrap_or_default();
    parts.iter().any(|part| transport.features.contains_key(part) && turns_on_reqwest(transport, part))
}

fn shown(package: &str, branch: &Branch, how: &str) -> String {
    format!(
        "{package} {how} has {} in its tree, through {} (`cargo tree --package {package} --invert {}` shows it)",
        branch.package, branch.through, branch.package
    )
}
