//! Runs the tests that guard promises, and reads the figures that they print.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::promises::{FILE, Promise};
use crate::cargo::{Workspace, shown};

/// Figures that tests printed as `reliability[NAME] FIGURE`, by name.
pub(super) type Figures = BTreeMap<String, String>;

/// Beginning of a figure in a test's output.
const MARK: &str = "reliability[";

/// Runs each test once, and returns the figures; `None` if a test fails.
pub(super) fn figures(workspace: &Workspace, promises: &[Promise]) -> Result<Option<Figures>> {
    let mut programs: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for guard in promises.iter().flat_map(|promise| &promise.guards) {
        programs.entry((&guard.package, &guard.target)).or_default().insert(&guard.path);
    }
    let mut figures = Figures::new();
    let mut all_passed = true;
    for ((package, target), paths) in programs {
        all_passed &= passed(workspace, package, target, &paths, &mut figures)?;
    }
    let missing =
        promises.iter().filter_map(|promise| promise.figure.as_ref()).find(|name| !figures.contains_key(*name));
    match missing {
        Some(name) if all_passed => bail!("{FILE} has a figure {name}, but no test printed {MARK}{name}]"),
        _ => Ok(all_passed.then_some(figures)),
    }
}

fn passed(
    workspace: &Workspace,
    package: &str,
    target: &str,
    paths: &BTreeSet<&str>,
    figures: &mut Figures,
) -> Result<bool> {
    let mut command = workspace.cargo(["test", "--quiet", "--package", package, "--all-features"]);
    match target {
        "lib" => command.arg("--lib"),
        target => command.args(["--test", target]),
    };
    command.args(["--", "--exact", "--nocapture"]).args(paths).stderr(Stdio::inherit());
    println!("$ {}", shown(&command));
    let output = command.output().context("cannot start cargo")?;
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines() {
        if let Some((name, figure)) = line.split_once(MARK).and_then(|(_, rest)| rest.split_once("] ")) {
            println!("  {MARK}{name}] {figure}");
            figures.insert(name.to_owned(), figure.trim().to_owned());
        }
    }
    let all_ran = text.lines().any(|line| line.starts_with(&format!("test result: ok. {} passed", paths.len())));
    if output.status.success() && all_ran {
        return Ok(true);
    }
    print!("{text}");
    Ok(false)
}
