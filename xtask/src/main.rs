//! Fixtures, checks and services of the workspace: `cargo xtask COMMAND`.
//!
//! It depends on no weifen crate, so that it can repair a tree that does not compile. It starts the programs that do.

mod cargo;
mod check;
mod ci;
mod counted;
mod files;
mod fixtures;
mod fuzz;
mod measures;
mod printed;
mod programs;
mod reliability;
mod services;
mod snapshots;
mod supply;
mod test;
mod test_list;
mod translated;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Fixtures, checks and services of the workspace")]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the tree: format, lints, docs, generated files, architecture
    Check(check::Args),
    Test(test::Args),
    Ci(ci::Args),
    Fixtures(fixtures::Args),
    /// Rewrite the recorded cassettes, against the sandbox or a live vendor: `--check`, `--live`
    Record(programs::Args),
    /// Measure: prints a bench's figures, such as `call`
    Bench(programs::Args),
    /// Drive both clients against a sandbox in chaos, and compare what they report with what happened: `--seconds
    /// 600`, `--rate 100`, `--seed N`
    Chaos(programs::Args),
    /// Write docs/configuration.md and docs/zh/configuration.md from the table of keys
    Configuration(printed::Args),
    /// Write docs/openapi.json and docs/openapi-3.0.3.json from the operations of the HTTP API
    Openapi(printed::Args),
    Fuzz(fuzz::Args),
    /// Look for secrets in all that is printed: canaries are planted in everything secret, and everything is driven
    Leaks(programs::Args),
    /// Print measures of the code and its words: tooling per product, item docs that open with a question word
    Measures,
    Reliability(reliability::Args),
    /// Check what comes in and goes out: licences and sources, the oldest Rust, feature sets, packages
    Supply(check::Args),
    Translated(translated::Args),
}

fn main() -> anyhow::Result<ExitCode> {
    let Xtask { command } = Xtask::parse();
    let workspace = cargo::Workspace::find()?;
    match &command {
        Command::Check(args) => check::run(&workspace, &check::STEPS, &args.steps),
        Command::Test(args) => test::run(&workspace, args),
        Command::Ci(args) => ci::run(&workspace, args),
        Command::Fixtures(args) => fixtures::run(&workspace, args),
        Command::Record(args) => programs::record(&workspace, args),
        Command::Bench(args) => programs::bench(&workspace, args),
        Command::Chaos(args) => programs::chaos(&workspace, args),
        Command::Configuration(args) => printed::CONFIGURATION.run(&workspace, args),
        Command::Openapi(args) => printed::OPENAPI.run(&workspace, args),
        Command::Fuzz(args) => fuzz::run(&workspace, args),
        Command::Leaks(args) => programs::leaks(&workspace, args),
        Command::Measures => measures::run(&workspace),
        Command::Reliability(args) => reliability::run(&workspace, args),
        Command::Translated(args) => translated::run(&workspace, args),
        Command::Supply(args) => check::run(&workspace, &supply::STEPS, &args.steps),
    }
}
