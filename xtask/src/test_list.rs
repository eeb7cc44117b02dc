//! The workspace's tests, as listed by the programs that `cargo xtask test` runs.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cargo::{Artifact, Build, Package, Workspace, stdout_of};
use crate::check::{Finding, Repair};

pub(crate) struct Test {
    pub(crate) name: TestName,
    pub(crate) ignored: bool,
}

/// A test as a page names it: `PACKAGE TARGET PATH`.
#[derive(PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct TestName {
    pub(crate) package: String,
    /// `lib`, or the target's name.
    pub(crate) target: String,
    pub(crate) path: String,
}

impl TestName {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let [package, target, path] = words.as_slice() else {
            return None;
        };
        Some(Self { package: (*package).to_owned(), target: (*target).to_owned(), path: (*path).to_owned() })
    }

    /// Returns a finding if no test of this name, which `place` names, runs.
    pub(crate) fn absent(&self, place: &str, tests: &[Test]) -> Option<Finding> {
        let what = match tests.iter().find(|test| test.name == *self) {
            Some(test) if !test.ignored => return None,
            Some(_) => format!("{place}: the test {self} is ignored"),
            None => format!("{place}: there is no test {self}"),
        };
        Some(Finding { what, repair: Repair::by_hand("write the missing test, let it run, or name another") })
    }
}

impl TryFrom<String> for TestName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not `PACKAGE TARGET TEST`"))
    }
}

impl fmt::Display for TestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.package, self.target, self.path)
    }
}

/// Builds the test programs that `cargo test --all-targets` would run with these arguments, and lists all of their
/// tests; filters on tests' names have no effect.
pub(crate) fn tests(workspace: &Workspace, arguments: &[&str]) -> Result<Vec<Test>> {
    let metadata = workspace.metadata()?;
    let mut command =
        vec!["test", "--quiet", "--all-targets", "--no-run", "--message-format", "json-render-diagnostics"];
    command.extend(arguments);
    let build: Build<Artifact> = workspace.messages(&command)?;
    if !build.done {
        bail!("the tests do not build:\n{}", build.diagnostics);
    }
    let mut tests = Vec::new();
    for artifact in build.messages.into_iter().filter(|artifact| artifact.profile.test) {
        let package = metadata.packages.iter().find(|package| package.id == artifact.package_id);
        if let (Some(package), Some(program)) = (package, &artifact.executable) {
            tests.extend(tests_of(package, &artifact, program)?);
        }
    }
    Ok(tests)
}

fn tests_of(package: &Package, artifact: &Artifact, program: &Path) -> Result<Vec<Test>> {
    let target = &artifact.target;
    let target = if target.is("lib") { "lib" } else { &target.name };
    let folder = package.manifest_path.parent().context("a manifest has no folder")?;
    let list = |args: &[&str]| stdout_of(Command::new(program).current_dir(folder).arg("--list").args(args));
    let ignored = list(&["--ignored"])?;
    let ignored: Vec<&str> = paths(&ignored).collect();
    let name =
        |path: &str| TestName { package: package.name.clone(), target: target.to_owned(), path: path.to_owned() };
    let test = |path: &str| Test { name: name(path), ignored: ignored.contains(&path) };
    Ok(paths(&list(&[])?).map(test).collect())
}

/// Reads the output of `--list`: a line `PATH: test` per test.
fn paths(list: &str) -> impl Iterator<Item = &str> {
    list.lines().filter_map(|line| line.strip_suffix(": test"))
}
