//! `cargo xtask chaos`: a run against the sandbox in chaos; exits with 1 where a client's report was false.

use std::convert::identity;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use xtask_chaos::{Plan, run};

/// Drive both clients against a sandbox in chaos, and compare what they report with what happened
#[derive(Parser)]
#[command(name = "cargo xtask chaos", bin_name = "cargo xtask chaos")]
struct Args {
    /// Time in which calls are started, in seconds
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Number of calls started each second
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// Seed of the faults; if absent, a random one is chosen and printed
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    // 32 bits are short enough to be typed again.
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("chaos with seed {seed}: {} calls a second for {} s", args.rate, args.seconds);
    let plan = Plan { lasts: Duration::from_secs(args.seconds), rate: args.rate, seed };
    let report = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(plan, identity))?;
    println!("{report}");
    Ok(if report.violations().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
