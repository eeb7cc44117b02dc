//! `bench call`: calls per second of hand-written clients and of weifen, which take turns with the same work against
//! one server, and what a call costs each of them.

mod contestant;
mod cost;
mod figures;
mod hyper_loop;
mod hyper_util_client;
mod kind;
pub(crate) mod order;
mod reqwest_loop;
mod server;
mod trust;
mod weifen_client;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cores;
pub(crate) use cost::{AloneArgs, alone};
use figures::Figures;
use kind::{COUNT, KINDS, Kind};
pub(crate) use server::{ServerArgs, serve, start as start_vendor};

/// Numbers of concurrent calls that are measured.
const IN_FLIGHT: [usize; 2] = [1, 32];

/// Minimum rate of a contestant, as a ratio to another's.
struct Floor {
    kind: Kind,
    to: Kind,
    /// For each of [`IN_FLIGHT`].
    at_least: [f64; 2],
}

const FLOORS: [Floor; 3] = [
    Floor { kind: Kind::WeifenOverReqwest, to: Kind::Reqwest, at_least: [0.97, 0.97] },
    Floor { kind: Kind::WeifenOverHyper, to: Kind::Reqwest, at_least: [1.05, 1.6] },
    Floor { kind: Kind::WeifenOverHyper, to: Kind::HyperUtil, at_least: [0.95, 0.95] },
];

/// Calls per second, instructions and allocations: hand-written clients, and weifen over its transports
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Number of turns of each contestant
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// Length of a turn in seconds
    #[arg(long, default_value = "0.15", value_parser = seconds)]
    seconds: Duration,
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| (0.01..=60.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or("a turn takes between 0.01 and 60 seconds")
}

/// Measures and prints. A slow machine is no error; a failed call is one.
pub(crate) fn run(args: &Args) -> Result<()> {
    let cores = cores::two();
    let server = server::start(cores.map(|(_, core)| core))?;
    let pinned = cores.is_some_and(|(core, _)| cores::stay_on(core).is_ok());
    println!("{}", explanation(args, pinned));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut measured = Vec::new();
    for in_flight in IN_FLIGHT {
        let figures = runtime.block_on(measure(server.address(), in_flight, args))?;
        println!("\n{in_flight} in flight\n{figures}");
        measured.push((in_flight, figures));
    }
    println!();
    for Floor { kind, to, at_least } in FLOORS {
        for ((in_flight, figures), at_least) in measured.iter().zip(at_least) {
            let ratio = figures.ratios(kind, to).median();
            let verdict = if ratio >= at_least { "yes" } else { "no" };
            let (kind, to) = (kind.name(), to.name());
            println!("{kind} makes {ratio:.2} of the {to}, {in_flight} in flight (at least {at_least}: {verdict})");
        }
    }
    cost::print(server.address())
}

fn explanation(args: &Args, pinned: bool) -> String {
    let Args { rounds, seconds } = args;
    let cores = if pinned { "each kept on a core of its own" } else { "on whatever cores the system gives them" };
    format!(
        "Every call reports one order to one server on loopback: a POST with the token in its query and a JSON body,\n\
         built anew for each call and the same for all contestants (reqwest asks for gzip too); connections are kept,\n\
         and the answer is decoded into a type. Client and server are two processes of one thread, {cores}.\n\
         In each of {rounds} rounds every contestant has a turn of {seconds:?}. calls/s: the median of the rounds; ratio: of that\n\
         to the hand-written reqwest loop's; min, median, max: of the ratios within a round.\n\
         Ratios compare within one run only; times say more about the machine."
    )
}

async fn measure(server: SocketAddr, in_flight: usize, args: &Args) -> Result<Figures> {
    let mut contestants = Vec::new();
    for kind in KINDS {
        let mut contestant = kind.contestant(server, in_flight).await?;
        let warming_up = contestant.calls_per_second(args.seconds.min(Duration::from_millis(200))).await;
        warming_up.with_context(|| format!("warming up: {}", kind.name()))?;
        contestants.push(contestant);
    }
    let mut figures = Figures::default();
    for round in 0..usize::from(args.rounds) {
        let mut rates = [0.0; COUNT];
        // Each contestant begins a round in turn: on a busy machine the order makes a difference.
        for turn in (0..COUNT).map(|turn| (round + turn) % COUNT) {
            let rate = contestants[turn].calls_per_second(args.seconds).await;
            rates[turn] = rate.with_context(|| KINDS[turn].name())?;
        }
        figures.push(rates);
    }
    Ok(figures)
}
