//! `cargo xtask fuzz`: runs the targets of xtask/fuzz-targets under libFuzzer, with the harness in xtask/fuzz.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::cargo::{Workspace, exit_code, status_of};

/// Look for bytes that break a promise: runs cargo-fuzz, which needs a nightly toolchain
///
/// `rustup toolchain install nightly --profile minimal` and `cargo install cargo-fuzz --locked` install both.
///
/// What it finds is kept in target/fuzz. `cargo xtask test` replays the committed corpus without any of this.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this target
    target: Option<String>,
    /// Seconds for which each target is tried
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

/// Toolchain that builds the harness.
const TOOLCHAIN: &str = "nightly";
const HARNESS: &str = "xtask/fuzz";
const CORPUS: &str = "xtask/fuzz-targets/corpus";

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let all = targets(workspace)?;
    let chosen: Vec<_> = match &args.target {
        None => all,
        Some(target) if all.contains(target) => vec![target.clone()],
        Some(target) => bail!("there is no target {target}; the targets are {}", all.join(", ")),
    };
    for target in &chosen {
        let mut command = fuzz(workspace, target, args.seconds)?;
        println!("{target}: {} s", args.seconds);
        let status = status_of(&mut command)?;
        if !status.success() {
            println!(
                "{target} is broken by the input that is named above: put it into {CORPUS}/{target}, and `cargo xtask test` fails until it is mended"
            );
            return Ok(exit_code(status));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the names of the targets, each of which has a folder in the corpus.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let entries = fs::read_dir(workspace.root().join(CORPUS)).with_context(|| format!("cannot read {CORPUS}"))?;
    let mut targets = Vec::new();
    for entry in entries {
        targets.push(entry?.file_name().to_string_lossy().into_owned());
    }
    targets.sort();
    Ok(targets)
}

/// Returns the command that runs one target. New inputs go to its first folder; the committed corpus is only read.
fn fuzz(workspace: &Workspace, target: &str, seconds: u32) -> Result<Command> {
    let folder: PathBuf = workspace.metadata()?.target_directory.join("fuzz");
    let found = folder.join("corpus").join(target);
    let broken = folder.join("broken").join(target);
    for folder in [&found, &broken] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    // `rustup run` never installs a toolchain. rustup's `cargo` and `rustc` do, where RUSTUP_TOOLCHAIN names a missing
    // one.
    let mut command = Command::new("rustup");
    command.args(["run", TOOLCHAIN, "cargo"]).env_remove("CARGO").env_remove("RUSTC").current_dir(workspace.root());
    command.args(["fuzz", "run", "--fuzz-dir", HARNESS, "--target-dir"]).arg(&folder).arg(target);
    command.arg(found).arg(format!("{CORPUS}/{target}"));
    // The largest input of the corpus, and a memory limit far below the machine's.
    command.args(["--", "-max_len=4096", "-rss_limit_mb=1024", "-timeout=10"]);
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", broken.display()));
    Ok(command)
}
