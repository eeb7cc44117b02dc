//! `bench call`: calls per second of a lean hyper loop, a hand-written reqwest loop and weifen, which take turns with
//! the same work against one server.

mod contestant;
mod figures;
mod hyper_loop;
mod order;
mod reqwest_loop;
mod server;
mod weifen_client;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cores;
use contestant::{Caller, Contestant, Crowd};
use figures::Figures;
use hyper_loop::HyperLoop;
use reqwest_loop::ReqwestLoop;
pub(crate) use server::{ServerArgs, serve};
use weifen_client::WeifenClient;

/// Numbers of concurrent calls that are measured.
const IN_FLIGHT: [usize; 2] = [1, 32];

/// Minimum rate of weifen, as a share of the hand-written reqwest loop's.
const FLOOR: f64 = 0.9;

/// Calls per second: a lean hyper loop, a hand-written reqwest loop, weifen
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
    let mut kept = Vec::new();
    for in_flight in IN_FLIGHT {
        let figures = runtime.block_on(measure(server.address(), in_flight, args))?;
        println!("\n{in_flight} in flight\n{figures}");
        kept.push(figures.kept_by_weifen());
    }
    let verdict = if kept.iter().all(|kept| *kept >= FLOOR) { "yes" } else { "no" };
    println!(
        "\nweifen keeps {:.2} of the hand-written reqwest loop at {} in flight and {:.2} at {} (at least {FLOOR}: {verdict})",
        kept[0], IN_FLIGHT[0], kept[1], IN_FLIGHT[1],
    );
    Ok(())
}

fn explanation(args: &Args, pinned: bool) -> String {
    let Args { rounds, seconds } = args;
    let cores = if pinned { "each kept on a core of its own" } else { "on whatever cores the system gives them" };
    format!(
        "Every call reports one order to one server on loopback: a POST with the token in its query and a JSON body,\n\
         built anew for each call and the same for all contestants; connections are kept, and the answer is decoded\n\
         into a type. Client and server are two processes of one thread, {cores}.\n\
         In each of {rounds} rounds every contestant has a turn of {seconds:?}. calls/s: the median of the rounds; ratio: of that\n\
         to the hand-written reqwest loop's; min, median, max: of the ratios within a round.\n\
         Ratios compare within one run only; times say more about the machine."
    )
}

async fn measure(server: SocketAddr, in_flight: usize, args: &Args) -> Result<Figures> {
    let mut contestants = contestants(server, in_flight).await?;
    for contestant in &mut contestants {
        contestant.calls_per_second(args.seconds.min(Duration::from_millis(200))).await.context("warming up")?;
    }
    let mut figures = Figures::new(contestants.each_ref().map(|contestant| contestant.name()));
    for round in 0..usize::from(args.rounds) {
        let mut rates = [0.0; 3];
        // Each contestant begins a round in turn: on a busy machine the order makes a difference.
        for turn in (0..3).map(|turn| (round + turn) % 3) {
            rates[turn] = contestants[turn].calls_per_second(args.seconds).await?;
        }
        figures.push(rates);
    }
    Ok(figures)
}

async fn contestants(server: SocketAddr, in_flight: usize) -> Result<[Box<dyn Contestant>; 3]> {
    let mut hyper = Vec::new();
    for _ in 0..in_flight {
        hyper.push(HyperLoop::connect(server).await?);
    }
    let reqwest = ReqwestLoop::new(server)?;
    let weifen = WeifenClient::new(server)?;
    Ok([crowd(hyper), crowd(vec![reqwest; in_flight]), crowd(vec![weifen; in_flight])])
}

fn crowd<C: Caller>(callers: Vec<C>) -> Box<dyn Contestant> {
    Box::new(Crowd::new(callers))
}
