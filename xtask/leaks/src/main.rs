//! Searches all output for secrets: `cargo xtask leaks`.
//!
//! It plants a canary in each secret, drives every operation through success and every error, and searches the output
//! for canaries, channel by channel.

mod calls;
mod canary;
mod capture;
mod channels;
mod public_types;
mod report;
mod scanner;
mod vendor;

use std::process::ExitCode;
use std::thread;

use clap::Parser;

use channels::{CHANNELS, Channel, Stage};
use report::Reading;

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

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    for name in args.channels.iter().chain(&args.plant) {
        if !CHANNELS.iter().any(|channel| channel.name == name) {
            let known: Vec<_> = CHANNELS.iter().map(|channel| channel.name).collect();
            anyhow::bail!("no channel `{name}`: {}", known.join(", "));
        }
    }
    // A planted leak is searched for only in its channel.
    let wanted = args.plant.as_ref().map_or(&args.channels[..], std::slice::from_ref);
    let is_wanted = |channel: &&Channel| wanted.is_empty() || wanted.iter().any(|name| channel.name == name);
    let asked: Vec<_> = CHANNELS.iter().filter(is_wanted).collect();
    let stage = Stage { is_quick: args.quick, is_planted: args.plant.is_some() };
    let results = read(&asked, stage)?;
    let mut is_proven = None;
    if args.plant.is_none() && results.iter().all(Reading::is_clean) {
        let planted = Stage { is_quick: true, is_planted: true };
        is_proven = Some(read(&asked, planted)?.iter().map(|reading| !reading.is_clean()).collect::<Vec<_>>());
    }
    Ok(report::print(&results, is_proven.as_deref()))
}

/// Reads the channels of this process one after the other, and beside them the others; in the order of `channels`.
fn read(channels: &[&Channel], stage: Stage) -> anyhow::Result<Vec<Reading>> {
    let of = |is_apart| -> anyhow::Result<Vec<Reading>> {
        channels.iter().filter(|channel| channel.is_apart == is_apart).map(|channel| channel.read(stage)).collect()
    };
    let (here, apart) = thread::scope(|scope| {
        let apart = scope.spawn(|| of(true));
        (of(false), apart.join())
    });
    let apart = apart.map_err(|_| anyhow::anyhow!("reading what runs apart panicked"))?;
    let mut readings: Vec<_> = here?.into_iter().chain(apart?).collect();
    readings.sort_by_key(|reading| channels.iter().position(|channel| channel.name == reading.channel));
    Ok(readings)
}
