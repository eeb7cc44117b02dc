//! `bench api`: requests to the HTTP API, compared with a bare reverse proxy before the same vendor.

mod requests;
mod server;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::call;
use crate::child_server::ChildServer;
use crate::cores;
use crate::crowd::Crowd;
use crate::figures::Figures;
use server::Kind;
pub(crate) use server::{ServerArgs, serve};

/// Number of concurrent connections.
const CONNECTIONS: usize = 64;

/// Requests per second through the HTTP API, beside a bare reverse proxy: safe calls and journaled writes
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Number of turns of each contestant
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// Number of requests in a turn
    #[arg(long, default_value_t = 8000, value_parser = clap::value_parser!(u64).range(64..=1_000_000))]
    requests: u64,
}

/// A server with the requests that it gets.
struct Contestant<'a> {
    name: &'static str,
    server: &'a ChildServer,
    request: fn(u64) -> String,
    /// Minimum rate, as a ratio to the first contestant's.
    at_least: f64,
}

/// Measures and prints. A slow machine is no error; a failed call is one.
pub(crate) fn run(args: &Args) -> Result<()> {
    println!("{}", explanation(args));
    // In the current folder, so that the journal is on the disk that the user means.
    let folder = TempDir::with_prefix_in("weifen-bench-", ".").context("the current folder can't be written to")?;
    let cores = cores::two();
    let vendor = call::start_vendor(cores.map(|(core, _)| core))?;
    let start = |kind| server::start(kind, &vendor, folder.path());
    let (proxy, weifen) = (start(Kind::Proxy)?, start(Kind::Weifen)?);
    // Load and vendor stay on one core; the servers and their stores use the rest of the machine.
    let pinned = cores.is_some_and(|(core, _)| cores::stay_on(core).is_ok());
    if !pinned {
        println!("(the load could not be kept on a core of its own)");
    }
    let contestants = [
        Contestant { name: "bare proxy, a user", server: &proxy, request: requests::to_vendor, at_least: 1.0 },
        Contestant { name: "API, a user", server: &weifen, request: requests::user, at_least: 0.5 },
        Contestant { name: "API, an order report", server: &weifen, request: requests::order_report, at_least: 0.25 },
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let figures = runtime.block_on(measure(&contestants, args))?;
    println!("\n{figures}\n");
    for (Contestant { name, at_least, .. }, ratio) in contestants.iter().zip(figures.ratios()).skip(1) {
        let verdict = if ratio >= *at_least { "yes" } else { "no" };
        println!("{name}: {ratio:.2} of the bare proxy's rate (at least {at_least}: {verdict})");
    }
    Ok(())
}

fn explanation(args: &Args) -> String {
    let Args { rounds, requests } = args;
    format!(
        "One vendor answers on loopback. The bare proxy, axum with hyper-util's client, hands a request for a user on to it;\n\
         the API is asked for the same user, and to report an order under a new key, which is in the journal, a SQLite file,\n\
         before and after the call. Proxy and API are a process each with one thread for HTTP.\n\
         In each of {rounds} rounds every contestant has a turn of {requests} requests over {CONNECTIONS} kept connections, one at a time\n\
         each. per s and p99: the median of the rounds; ratio: of that to the bare proxy's; min, max: of the ratios within a\n\
         round. Ratios compare within one run only; times say more about the machine."
    )
}

async fn measure(contestants: &[Contestant<'_>], args: &Args) -> Result<Figures> {
    let mut next = 0;
    let mut figures = Figures::new(contestants.iter().map(|contestant| contestant.name).collect());
    // The first round warms up.
    for round in 0..=usize::from(args.rounds) {
        let mut turns: Vec<_> = contestants.iter().map(|_| None).collect();
        for place in (0..contestants.len()).map(|place| (round + place) % contestants.len()) {
            let Contestant { name, server, request, .. } = &contestants[place];
            let crowd = Crowd::connect(server.address(), CONNECTIONS).await?;
            turns[place] = Some(crowd.send(*request, next, args.requests).await.context(*name)?);
            next += args.requests;
        }
        if round > 0 {
            figures.push(turns.into_iter().flatten().collect());
        }
    }
    Ok(figures)
}
