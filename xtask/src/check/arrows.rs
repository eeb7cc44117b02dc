//! Checks the dependency arrows between the workspace's packages against the table of docs/architecture.md, and that
//! no arrow hides behind a re-export.

use std::fs;

use anyhow::{Context, Result};

use super::facade::REEXPORTED;
use super::{Finding, Repair};
use crate::cargo::{Dependency, Metadata, Package, Workspace};
use crate::{files, services};

/// The packages of ours on which a package may depend.
struct Rule {
    package: &'static str,
    may: &'static [&'static str],
    /// True where its tests may use any library of ours, above all the sandbox.
    tests_are_free: bool,
}

const RULES: [Rule; 15] = [
    alone("weifen-proto"),
    alone("weifen-sign"),
    // The sandbox shares no code with the clients, so it can share no mistake with them.
    alone("weifen-sandbox"),
    layer("weifen-transport", &["weifen-proto"]),
    layer("weifen-weiting", &["weifen-proto", "weifen-transport"]),
    layer("weifen-fensi", &["weifen-proto", "weifen-sign", "weifen-transport"]),
    layer("weifen-database", &["weifen-transport"]),
    layer("weifen-inbox", &["weifen-proto", "weifen-transport", "weifen-fensi", "weifen-database"]),
    layer("weifen-journal", &["weifen-transport", "weifen-database"]),
    layer("weifen", &REEXPORTED),
    layer("weifen-server", &["weifen"]),
    layer("weifen-cli", &["weifen", "weifen-server"]),
    layer("xtask-specimens", &["weifen-proto", "weifen-transport", "weifen-weiting", "weifen-fensi"]),
    alone(services::LIBRARY),
    alone("xtask"),
];

const fn alone(package: &'static str) -> Rule {
    Rule { package, may: &[], tests_are_free: false }
}

const fn layer(package: &'static str, may: &'static [&'static str]) -> Rule {
    Rule { package, may, tests_are_free: true }
}

/// Programs that xtask starts, and the library of the fuzzing harness: they may use all, and nothing may use them.
const PROGRAMS: [&str; 5] = ["xtask-record", "xtask-bench", "xtask-chaos", "xtask-fuzz-targets", "xtask-leaks"];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let metadata = workspace.metadata()?;
    let mut findings = Vec::new();
    findings.extend(detours(workspace)?);
    for package in &metadata.packages {
        let rule = RULES.iter().find(|rule| rule.package == package.name);
        if rule.is_none() && !PROGRAMS.contains(&package.name.as_str()) {
            findings.push(unknown(package));
        }
        for dependency in &package.dependencies {
            if let Some(why) = forbidden(&metadata, package, rule, dependency) {
                findings.push(arrow(package, dependency, why));
            }
        }
    }
    Ok(findings)
}

/// Finds paths that reach a library of ours through another's re-export, such as transport through fensi: no manifest
/// has their arrow. Paths through the facade are allowed, and so are a package's own re-exports.
fn detours(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut paths = files::rust_below(&workspace.root().join("crates"))?;
    paths.extend(files::rust_below(&workspace.root().join("xtask"))?);
    for path in paths {
        let shown = path.strip_prefix(workspace.root()).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        // Modules of proto are named after vendors, and are no other crate.
        let through = REEXPORTED.iter().filter(|through| **through != "weifen-proto");
        for (through, to) in through.flat_map(|through| REEXPORTED.map(|to| (*through, to))) {
            let own = format!("crates/{}/", through.trim_start_matches("weifen-"));
            let detour = format!("{}::{}::", through.replace('-', "_"), to.trim_start_matches("weifen-"));
            if through != to && !shown.starts_with(&own) && text.contains(&detour) {
                findings.push(Finding {
                    what: format!("{shown} reaches {to} through {through}, as `{detour}`"),
                    repair: Repair::by_hand(format!(
                        "let its package depend on {to}, and write {}::",
                        to.replace('-', "_")
                    )),
                });
            }
        }
    }
    Ok(findings)
}

/// Returns the reason for which a dependency is forbidden; `None` where it is allowed.
fn forbidden(
    metadata: &Metadata,
    package: &Package,
    rule: Option<&Rule>,
    dependency: &Dependency,
) -> Option<&'static str> {
    let to = dependency.name.as_str();
    if to == "xtask" || PROGRAMS.contains(&to) {
        return Some("nothing depends on xtask or its programs");
    }
    if to == services::LIBRARY {
        // It depends on none of ours, so any test may start a server with it, even the sandbox's.
        let free = dependency.is_dev() || package.name == "xtask" || rule.is_none();
        return (!free).then_some("only tests, xtask and its programs start services");
    }
    // hyper-rustls stands for hyper's client: hyper and hyper-util are a server as well.
    if ["reqwest", "hyper-rustls"].contains(&to) {
        let free = dependency.is_dev() || package.name == "weifen-transport" || rule.is_none();
        return (!free).then_some("only weifen-transport knows HTTP clients");
    }
    let rule = rule?;
    let ours = metadata.package(to).is_some();
    let allowed = !ours || rule.may.contains(&to) || (rule.tests_are_free && dependency.is_dev());
    (!allowed).then_some("the table of layers has no such arrow")
}

fn arrow(package: &Package, dependency: &Dependency, why: &str) -> Finding {
    let (from, to) = (&package.name, &dependency.name);
    Finding {
        what: format!(
            "{from} depends on {to}: {why} (`cargo tree --package {from} --invert {to} --edges all` shows it)"
        ),
        repair: Repair::run(removal(package, dependency)),
    }
}

/// Returns the command that removes a dependency from a package.
fn removal(package: &Package, dependency: &Dependency) -> String {
    let kind = dependency.kind.as_ref().map(|kind| format!(" --{kind}"));
    let target = dependency.target.as_ref().map(|target| format!(" --target '{target}'"));
    format!(
        "cargo remove --package {}{}{} {}",
        package.name,
        kind.unwrap_or_default(),
        target.unwrap_or_default(),
        dependency.key()
    )
}

fn unknown(package: &Package) -> Finding {
    Finding {
        what: format!("{} has no layer", package.name),
        repair: Repair::by_hand(format!(
            "give {} its place in the table of xtask/src/check/arrows.rs and of docs/architecture.md",
            package.name
        )),
    }
}
