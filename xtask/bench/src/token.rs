//! `bench token`: reading a held token, compared with the cheapest read that is possible.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use arc_swap::ArcSwap;
use async_trait::async_trait;
use futures_util::FutureExt;
use weifen_transport::{BaseUrl, CallError, Clock, Plaintext, SystemClock};
use weifen_weiting::AccessToken;
use weifen_weiting::token::{TokenFetcher, TokenKey, TokenManager};

use crate::sorted::Sorted;

/// Nanoseconds and memory of reading a held token, compared with a plain arc-swap load
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Number of turns of each contestant
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// Number of reads in a turn
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    reads: u32,
}

/// A way to read and its printed name.
struct Contestant<'a> {
    name: &'static str,
    read: Box<dyn Fn(u32) + 'a>,
}

#[derive(Debug)]
struct Given;

#[async_trait]
impl TokenFetcher for Given {
    async fn fetch(&self) -> Result<AccessToken, CallError> {
        Ok(value())
    }
}

fn value() -> AccessToken {
    AccessToken::new("=jLdmlnLUyr-BzKfriqsMEr3X9=rRjrtSln9ryLcH").expect("the documented token is one")
}

/// Measures and prints.
pub(crate) fn run(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let manager = manager()?;
    runtime.block_on(manager.current())?;
    let plain = ArcSwap::from_pointee(value());
    let contestants = [
        contestant("arc-swap load", || drop(black_box(plain.load()))),
        contestant("arc-swap load, its Arc cloned", || drop(black_box(plain.load_full()))),
        contestant("the same, and the clock read", || {
            black_box(SystemClock.elapsed());
            drop(black_box(plain.load_full()));
        }),
        contestant("TokenManager::cached", || drop(black_box(manager.cached()))),
        contestant("TokenManager::current", || drop(black_box(manager.current().now_or_never()))),
    ];
    println!(
        "One thread reads a token that is held and valid. In each of {} rounds every contestant has a turn of {} reads.\n\
         ns: of a read, the median of the rounds; ratio: of that to the plain load's; allocations: in one turn.\n\
         Ratios compare within one run only; times say more about the machine.\n",
        args.rounds, args.reads
    );
    println!("{:<32} {:>8} {:>8} {:>12}", "", "ns", "ratio", "allocations");
    let medians = medians(&contestants, args);
    for (Contestant { name, read }, nanoseconds) in contestants.iter().zip(&medians) {
        let allocations = allocation_counter::measure(|| read(args.reads)).count_total;
        println!("{name:<32} {nanoseconds:>8.1} {:>8.2} {allocations:>12}", nanoseconds / medians[0]);
    }
    Ok(())
}

fn manager() -> Result<TokenManager> {
    let base_url = BaseUrl::new("https://vendor.example", Plaintext::Refused)?;
    Ok(TokenManager::builder().build(TokenKey::new("appid", &base_url, &"secret".into()), Arc::new(Given))?)
}

fn contestant<'a>(name: &'static str, read: impl Fn() + 'a) -> Contestant<'a> {
    Contestant { name, read: Box::new(move |reads| (0..reads).for_each(|_| read())) }
}

/// Returns the median time of a read of each contestant, in nanoseconds.
fn medians(contestants: &[Contestant<'_>], args: &Args) -> Vec<f64> {
    let mut times = vec![Vec::new(); contestants.len()];
    for contestant in contestants {
        (contestant.read)(args.reads);
    }
    for _ in 0..args.rounds {
        for (contestant, times) in contestants.iter().zip(&mut times) {
            let began = Instant::now();
            (contestant.read)(args.reads);
            times.push(began.elapsed().as_secs_f64() * 1e9 / f64::from(args.reads));
        }
    }
    times.into_iter().map(|times| Sorted::new(times).median()).collect()
}
