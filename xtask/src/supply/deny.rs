//! deny.toml, by cargo-deny: licences, bans, sources. What is known to be vulnerable has to be asked online, and is left out.

use anyhow::Result;

use crate::cargo::{Workspace, output_of};
use crate::check::{Finding, Repair, judge};

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    if !output_of(&mut workspace.cargo(["deny", "--version"]))?.status.success() {
        return Ok(vec![Finding {
            what: "cargo-deny is not installed".to_owned(),
            repair: Repair::run("cargo install --locked cargo-deny"),
        }]);
    }
    // `cargo xtask check duplicates` sees to what is skipped in vain; it knows Cargo.lock's idle packages too.
    let mut command = workspace.cargo(["deny", "check", "--allow", "unmatched-skip", "licenses", "bans", "sources"]);
    judge(&mut command, Repair::by_hand("choose another dependency, or allow this one in deny.toml and say why"))
}
