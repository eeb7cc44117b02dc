//! Checks dependency trees: no runtime, client or randomness under proto and sign; no HTTP client under bare
//! transport.

use anyhow::Result;

use super::{Finding, Repair};
use crate::cargo::{Package, Workspace};

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

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let metadata = workspace.metadata()?;
    let mut findings = Vec::new();
    for package in ["weifen-proto", "weifen-sign"].iter().filter_map(|name| metadata.package(name)) {
        findings.extend(impure(workspace, package, &["--all-features"], &[&RUNTIMES[..], &HTTP].concat())?);
    }
    if let Some(transport) = metadata.package("weifen-transport") {
        // Users with a transport of their own must not pay for ours, and those of hyper not for reqwest.
        findings.extend(impure(workspace, transport, &["--no-default-features"], &HTTP)?);
        for feature in transport.features.keys().filter(|name| !turns_on_reqwest(transport, name)) {
            let features = ["--no-default-features", "--features", feature];
            findings.extend(impure(workspace, transport, &features, &["reqwest"])?);
        }
    }
    Ok(findings)
}

/// Finds such packages below `package`, with these features.
fn impure(workspace: &Workspace, package: &Package, features: &[&str], unwanted: &[&str]) -> Result<Vec<Finding>> {
    let tree = workspace.tree(&package.name, features)?;
    let found = unwanted.iter().filter(|unwanted| tree.contains(**unwanted));
    let finding = |found: &&str| {
        let (name, features) = (&package.name, features.join(" "));
        Finding {
            what: format!("{name} has {found} in its tree with {features}"),
            repair: Repair::by_hand(format!(
                "`cargo tree --package {name} {features} --invert {found}` shows what brings it: do without that, or let \
                 a feature bring it"
            )),
        }
    };
    Ok(found.map(finding).collect())
}

fn turns_on_reqwest(transport: &Package, feature: &str) -> bool {
    if feature == "reqwest" {
        return true;
    }
    let parts = transport.features.get(feature).map(Vec::as_slice).unwrap_or_default();
    parts.iter().any(|part| transport.features.contains_key(part) && turns_on_reqwest(transport, part))
}
