//! The project's promises and their tests: xtask/promises.toml.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::cargo::Workspace;
use crate::test_list::TestName;

pub(super) const FILE: &str = "xtask/promises.toml";

#[derive(Deserialize)]
struct Promises {
    promise: Vec<Promise>,
}

/// A promise, within its `area`. `figure` is the NAME in `reliability[NAME] …`, if one of its tests prints that.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Promise {
    pub(super) area: String,
    pub(super) says: String,
    pub(super) guards: Vec<TestName>,
    pub(super) figure: Option<String>,
}

pub(super) fn read(workspace: &Workspace) -> Result<Vec<Promise>> {
    let text = fs::read_to_string(workspace.root().join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let Promises { promise: promises } = toml::from_str(&text).with_context(|| format!("cannot read {FILE}"))?;
    for Promise { says, guards, .. } in &promises {
        ensure!(!guards.is_empty(), "{FILE}: \"{says}\" has no guard");
    }
    Ok(promises)
}
