//! Checks that the minimal Rust of the manifests builds the whole workspace.

use std::process::Command;

use anyhow::Result;

use crate::cargo::{Workspace, output_of, stdout_of};
use crate::check::{Finding, Repair, judge};

const CHECK: [&str; 5] = ["check", "--quiet", "--locked", "--workspace", "--all-features"];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let minimal = workspace.minimal_rust()?;
    let repair =
        Repair::by_hand("use nothing that needs a newer Rust, or raise rust-version in Cargo.toml and in the READMEs");
    let mut rustc = Command::new("rustc");
    if stdout_of(rustc.current_dir(workspace.root()).arg("--version"))?.starts_with(&format!("rustc {minimal}.")) {
        return judge(&mut workspace.cargo(CHECK), repair);
    }
    let mut older = Command::new("rustup");
    older.current_dir(workspace.root()).args(["run", &minimal, "cargo"]);
    if !output_of(&mut older).is_ok_and(|output| output.status.success()) {
        return Ok(vec![Finding {
            what: format!("Rust {minimal} is not installed"),
            repair: Repair::run(format!("rustup toolchain install --profile minimal {minimal}")),
        }]);
    }
    // A separate folder, so that neither compiler discards the other's build.
    judge(older.args(CHECK).args(["--target-dir", "target/msrv"]), repair)
}
