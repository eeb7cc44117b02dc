//! What the project promises, and which tests keep it: xtask/promises.toml.

use std::fs;

use anyhow::{Context, Result, bail};
use toml_edit::{DocumentMut, Table};

use crate::cargo::Workspace;
use crate::test_list::TestName;

pub(super) const FILE: &str = "xtask/promises.toml";

/// A promise. `area` is what it is about; where a test prints `reliability[NAME] …`, that is its `figure`.
pub(super) struct Promise {
    pub(super) area: String,
    pub(super) says: String,
    pub(super) guards: Vec<TestName>,
    pub(super) figure: Option<String>,
}

pub(super) fn read(workspace: &Workspace) -> Result<Vec<Promise>> {
    let text = fs::read_to_string(workspace.root().join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let document: DocumentMut = text.parse().with_context(|| format!("{FILE} is no TOML"))?;
    let tables = document.get("promise").and_then(|item| item.as_array_of_tables());
    let promises: Result<Vec<_>> = tables.into_iter().flatten().map(promise).collect();
    let promises = promises?;
    if promises.is_empty() {
        bail!("{FILE} holds no `[[promise]]`");
    }
    Ok(promises)
}

fn promise(table: &Table) -> Result<Promise> {
    let says = text(table, "says")?;
    let guards = table.get("guards").and_then(|item| item.as_array()).into_iter().flatten();
    let guards: Option<Vec<_>> = guards.map(|guard| TestName::parse(guard.as_str()?)).collect();
    let guards = guards.filter(|guards| !guards.is_empty());
    let guards = guards.with_context(|| format!("{FILE}: \"{says}\" needs `guards = [\"PACKAGE TARGET TEST\"]`"))?;
    let figure = table.get("figure").map(|_| text(table, "figure")).transpose()?;
    Ok(Promise { area: text(table, "area")?, says, guards, figure })
}

fn text(table: &Table, key: &str) -> Result<String> {
    let value = table.get(key).and_then(|item| item.as_str());
    value.map(str::to_owned).with_context(|| format!("{FILE}: a promise needs `{key}`, a string"))
}
