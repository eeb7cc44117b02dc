//! Instructions and allocations of a call, which repeat where times don't.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use tokio::runtime::Runtime;

use super::kind::{KINDS, Kind};

/// Number of calls before those that are counted.
const WARM_UP: u32 = 100;
/// Number of calls that are counted.
const COUNTED: u32 = 400;

/// Arguments of a process in which one contestant calls alone.
#[derive(clap::Args)]
pub(crate) struct AloneArgs {
    #[arg(long)]
    server: SocketAddr,
    #[arg(long)]
    contestant: Kind,
    #[arg(long)]
    calls: u32,
}

/// Makes the calls and prints nothing: another program counts.
pub(crate) fn alone(args: &AloneArgs) -> Result<()> {
    runtime()?.block_on(async {
        let mut contestant = args.contestant.contestant(args.server, 1).await?;
        contestant.call_times(args.calls).await
    })
}

fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Prints instructions and allocations of a call, one call at a time.
pub(crate) fn print(server: SocketAddr) -> Result<()> {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let has_valgrind = valgrind.is_ok_and(|status| status.success());
    println!("\n{:30}{:>15}{:>15}{:>15}", "a call costs", "instructions", "allocations", "bytes of them");
    for kind in KINDS {
        let (allocations, bytes) = allocations(kind, server)?;
        let instructions = if has_valgrind { format!("{:.0}", instructions(kind, server)?) } else { "-".to_owned() };
        println!("{:30}{instructions:>15}{allocations:>15.1}{bytes:>15.0}", kind.name());
    }
    if !has_valgrind {
        println!("Instructions are not counted: there is no valgrind here.");
    }
    Ok(())
}

/// Returns allocations of a call and their bytes, those of its connection's task included.
fn allocations(kind: Kind, server: SocketAddr) -> Result<(f64, f64)> {
    let runtime = runtime()?;
    let mut contestant = runtime.block_on(kind.contestant(server, 1))?;
    runtime.block_on(contestant.call_times(WARM_UP))?;
    let mut outcome = Ok(());
    let counted = allocation_counter::measure(|| outcome = runtime.block_on(contestant.call_times(COUNTED)));
    outcome?;
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let by_call = |count: u64| count as f64 / f64::from(COUNTED);
    Ok((by_call(counted.count_total), by_call(counted.bytes_total)))
}

/// Returns the instructions of a call: of a process that makes more calls, less those of one that makes fewer.
fn instructions(kind: Kind, server: SocketAddr) -> Result<f64> {
    let (fewer, more) = (collected(kind, server, WARM_UP)?, collected(kind, server, WARM_UP + COUNTED)?);
    Ok((more - fewer) / f64::from(COUNTED))
}

/// Returns the instructions of a process that makes this many calls, as callgrind collects them.
fn collected(kind: Kind, server: SocketAddr, calls: u32) -> Result<f64> {
    let contestant = kind.to_possible_value().context("each kind has a name")?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    command.args(["call-alone", "--server", &server.to_string(), "--contestant", contestant.get_name()]);
    let output = command.args(["--calls", &calls.to_string()]).output()?;
    let printed = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "callgrind failed: {printed}");
    let count =
        printed.lines().find_map(|line| line.split_once("Collected : ")).context("callgrind counted nothing")?;
    Ok(count.1.trim().parse()?)
}
