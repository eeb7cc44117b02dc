//! A package that is there in several versions is explained in deny.toml, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use toml_edit::{DocumentMut, Item};

use super::{Finding, Repair};
use crate::cargo::Workspace;

const LOCK: &str = "Cargo.lock";
const DENY: &str = "deny.toml";

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    Ok(compare(&locked(&read(workspace, LOCK)?)?, &explained(&read(workspace, DENY)?)?))
}

/// The versions of each package.
type Versions = BTreeMap<String, BTreeSet<String>>;

/// `base64@0.22.1`, and why it is there beside another.
type Explained = BTreeMap<String, String>;

fn read(workspace: &Workspace, file: &str) -> Result<DocumentMut> {
    let text = fs::read_to_string(workspace.root().join(file)).with_context(|| format!("cannot read {file}"))?;
    text.parse().with_context(|| format!("{file} is no TOML"))
}

fn locked(lock: &DocumentMut) -> Result<Versions> {
    let mut versions = Versions::new();
    for package in lock.get("package").and_then(Item::as_array_of_tables).context("Cargo.lock holds no packages")? {
        if let (Some(name), Some(version)) =
            (package.get("name").and_then(Item::as_str), package.get("version").and_then(Item::as_str))
        {
            versions.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
    }
    Ok(versions)
}

fn explained(deny: &DocumentMut) -> Result<Explained> {
    let skips = deny
        .get("bans")
        .and_then(|bans| bans.get("skip"))
        .and_then(Item::as_array)
        .context("deny.toml has no list `skip` in [bans]")?;
    let mut explained = Explained::new();
    for skip in skips {
        let text = |key: &str| skip.as_inline_table()?.get(key)?.as_str().map(str::to_owned);
        let package = text("crate").context("an entry of `skip` in deny.toml names no crate")?;
        explained.insert(package, text("reason").unwrap_or_default());
    }
    Ok(explained)
}

fn compare(locked: &Versions, explained: &Explained) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, versions) in locked.iter().filter(|(_, versions)| versions.len() > 1) {
        let is_explained = |version: &&String| explained.contains_key(&format!("{name}@{version}"));
        if versions.iter().filter(is_explained).count() + 1 < versions.len() {
            let all: Vec<_> = versions.iter().map(String::as_str).collect();
            findings.push(Finding {
                what: format!("{name} is there as {}, and {DENY} doesn't say why", all.join(" and ")),
                repair: Repair::by_hand(format!(
                    "find who needs the older one (`cargo tree --workspace --all-features --target all --invert {name}@VERSION`), bring \
                     them together, or explain it in `skip` of {DENY}"
                )),
            });
        }
    }
    for (package, reason) in explained {
        let is_there = package.split_once('@').is_some_and(|(name, version)| {
            locked.get(name).is_some_and(|versions| versions.len() > 1 && versions.contains(version))
        });
        if !is_there || reason.is_empty() {
            let wrong = if is_there { "gives no reason for" } else { "explains what is no longer there twice:" };
            findings.push(Finding {
                what: format!("{DENY} {wrong} {package}"),
                repair: Repair::by_hand(format!("mend its entry in `skip` of {DENY}, or take it out")),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(deny: &str) -> Vec<String> {
        let package = |name: &str, version: &str| format!("[[package]]\nname = '{name}'\nversion = '{version}'\n");
        let lock = [package("a", "1.0.0"), package("a", "2.0.0"), package("b", "1.0.0")].concat();
        let deny = format!("[bans]\nskip = [{deny}]");
        let findings = compare(&locked(&lock.parse().unwrap()).unwrap(), &explained(&deny.parse().unwrap()).unwrap());
        findings.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_duplicate_is_explained_and_an_explanation_has_its_duplicate() {
        assert_eq!(found("{ crate = 'a@1.0.0', reason = 'c needs it' }"), Vec::<String>::new());
        assert_eq!(found(""), ["a is there as 1.0.0 and 2.0.0, and deny.toml doesn't say why"]);
        assert_eq!(found("{ crate = 'a@1.0.0' }"), ["deny.toml gives no reason for a@1.0.0"]);
        let stale = "{ crate = 'a@1.0.0', reason = 'x' }, { crate = 'b@1.0.0', reason = 'x' }";
        assert_eq!(found(stale), ["deny.toml explains what is no longer there twice: b@1.0.0"]);
    }
}
