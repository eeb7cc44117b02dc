//! Looks for secrets in print: `cargo xtask leaks`.
//!
//! It plants canaries in everything secret, drives every operation through success and every error, and looks for them
//! in all that came out, channel by channel.

mod calls;
mod canary;
mod capture;
mod channels;
mod public_types;
mod report;
mod scanner;
mod vendor;

use std::process::ExitCode;

use clap::Parser;

use channels::{CHANNELS, Stage};

/// Look for secrets in all that is printed
#[derive(Parser)]
#[command(name = "cargo xtask leaks", bin_name = "cargo xtask leaks")]
struct Args {
    /// Only this channel; repeatable
    #[arg(long = "channel", value_name = "CHANNEL")]
    channels: Vec<String>,
    /// Leak once, on purpose, in this channel: it must be found there
    #[arg(long, value_name = "CHANNEL")]
    plant: Option<String>,
    /// Leave out what is slow, as the test does
    #[arg(long)]
    quick: bool,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let known = || CHANNELS.iter().map(|channel| channel.name);
    for name in args.channels.iter().chain(&args.plant) {
        anyhow::ensure!(
            known().any(|known| known == name),
            "no channel `{name}`: {}",
            known().collect::<Vec<_>>().join(", ")
        );
    }
    // A planted leak is looked for in its channel alone.
    let asked: Vec<_> = CHANNELS
        .iter()
        .filter(|channel| match &args.plant {
            Some(name) => channel.name == name,
            None => args.channels.is_empty() || args.channels.iter().any(|name| channel.name == name),
        })
        .collect();
    let stage = Stage { is_quick: args.quick, is_planted: args.plant.is_some() };
    let mut results = Vec::new();
    for channel in &asked {
        results.push(channel.read(stage)?);
    }
    let mut is_proven = None;
    if args.plant.is_none() && results.iter().all(report::Reading::is_clean) {
        let planted = Stage { is_quick: true, is_planted: true };
        let found = asked.iter().map(|channel| Ok(!channel.read(planted)?.is_clean()));
        is_proven = Some(found.collect::<anyhow::Result<Vec<_>>>()?);
    }
    Ok(report::print(&results, is_proven.as_deref()))
}
