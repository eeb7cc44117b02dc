//! Rewrites the recorded cassettes: `cargo xtask record`.
//!
//! It plays every scenario of the clients' tests against a sandbox of its own. With `--live` it plays those with
//! inputs from the caller against the vendors.

mod files;
mod live;
mod record;
mod sandbox;
mod scenarios;
mod vendor;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

/// Rewrite the recorded cassettes
#[derive(Parser)]
#[command(name = "cargo xtask record", bin_name = "cargo xtask record")]
struct Args {
    /// Record calls to the live vendors, with the inputs of the file that WEIFEN_RECORD_INPUTS names
    #[arg(long, conflicts_with = "check")]
    live: bool,
    /// Write nothing; fail where a cassette would change
    #[arg(long)]
    check: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let root = Path::new(".");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if args.live {
        return runtime.block_on(live::run(root));
    }
    let folders = vendor::all()
        .into_iter()
        .map(|vendor| Ok((vendor.folder(root)?, runtime.block_on(sandbox::record_all(&vendor))?)));
    let folders = folders.collect::<anyhow::Result<Vec<_>>>()?;
    if args.check { files::check(&folders) } else { files::write(&folders) }
}
