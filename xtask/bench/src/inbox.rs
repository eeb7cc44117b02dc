//! `bench inbox`: durable receiving, compared with a receiver that stores nothing and with one transaction per push,
//! and on a grown table.

mod book;
mod databases;
mod one_per_push;
mod plot;
mod push;
mod receiver;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::child_server::ChildServer;
use crate::cores;
use crate::crowd::{Crowd, Turn};
use crate::figures::Figures;
use databases::Databases;
use plot::Line;
use receiver::Kind;
pub(crate) use receiver::{ReceiverArgs, receive};

/// Numbers of concurrent connections that are measured.
const CONNECTIONS: [usize; 2] = [64, 512];

/// Durable receiving: weifen on both stores, a bare receiver, one transaction per push, and a grown table
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Number of turns of each receiver
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// Number of pushes in a turn
    #[arg(long, default_value_t = 8000, value_parser = clap::value_parser!(u64).range(512..=1_000_000))]
    pushes: u64,
    /// Number of events in the grown table before the first push
    #[arg(long, default_value_t = 5_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    grown: u64,
    /// Leave out PostgreSQL, which must otherwise be installed on this machine
    #[arg(long)]
    no_postgres: bool,
    /// Measure at powers of ten up to --grown events, and draw the ratios into this SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

/// A receiver and its printed name.
struct Contestant {
    name: &'static str,
    process: ChildServer,
    /// Pushes in a turn: fewer where one transaction per push makes it slow.
    pushes: u64,
    books: bool,
}

/// Measures and prints, or draws.
pub(crate) fn run(args: &Args) -> Result<()> {
    println!("{}", explanation(args));
    let databases = Databases::start(!args.no_postgres)?;
    databases.create_tables()?;
    if let Some(file) = &args.plot {
        return draw(args, &databases, file);
    }
    databases.grow(0, args.grown)?;
    let contestants = contestants(args, &databases)?;
    stay_on_a_core();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut next_user = 0;
    for connections in CONNECTIONS {
        let figures = runtime.block_on(measure(&contestants, connections, args, &mut next_user))?;
        println!("\n{connections} connections\n{figures}");
    }
    Ok(())
}

/// Measures the grown tables at each size, and draws their ratios to the bare receiver.
fn draw(args: &Args, databases: &Databases, file: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let names = databases.all().iter().map(|store| store.names.grown);
    let mut lines: Vec<_> = names.map(|name| Line { name, points: Vec::new() }).collect();
    let (mut stored, mut next_user) = (0, 0);
    for size in sizes(args.grown) {
        databases.grow(stored, size)?;
        stored = size;
        // Few against the table, so that it is about this large in each round.
        let args = &Args { pushes: args.pushes.min(size / 10).max(512), plot: None, ..*args };
        let mut contestants = vec![contestant(args, "bare receiver", Kind::Bare, "")?];
        for store in databases.all() {
            contestants.push(contestant(args, store.names.grown, Kind::Weifen, &store.grown)?);
        }
        let figures = runtime.block_on(measure(&contestants, CONNECTIONS[0], args, &mut next_user))?;
        println!("\n{size} events, {} connections\n{figures}", CONNECTIONS[0]);
        for (line, ratio) in lines.iter_mut().zip(figures.ratios().skip(1)) {
            line.points.push((size, ratio));
        }
    }
    let title = format!("Pushes a second at {} connections, of a receiver that stores nothing = 1", CONNECTIONS[0]);
    std::fs::write(file, plot::svg(&title, &lines)).with_context(|| file.display().to_string())
}

/// Powers of ten from ten thousand on, and the largest number of events.
fn sizes(largest: u64) -> Vec<u64> {
    let powers = (4..20).map(|power| 10_u64.pow(power)).take_while(|size| *size < largest);
    powers.chain([largest]).collect()
}

/// Keeps the load on one core; the receivers and their stores use the rest of the machine.
fn stay_on_a_core() {
    let pinned = cores::two().is_some_and(|(core, _)| cores::stay_on(core).is_ok());
    if !pinned {
        println!("(the load could not be kept on a core of its own)");
    }
}

fn explanation(args: &Args) -> String {
    let Args { rounds, pushes, grown, .. } = args;
    format!(
        "Every push is another user's, about 330 bytes of JSON over a kept connection, and was booked before. All receivers\n\
         are the same server, a process each with one thread for HTTP; weifen's reads the push, checks it, looks up its\n\
         booking and its follow, and answers after the commit. The grown tables hold {grown} events before the first push.\n\
         In each of {rounds} rounds every receiver has a turn of {pushes} pushes (one transaction a push: a quarter).\n\
         pushes per s and p99: the median of the rounds; ratio: of that to the bare receiver's; min, max: of the ratios within a\n\
         round. Ratios compare within one run only; times say more about the machine."
    )
}

fn contestants(args: &Args, databases: &Databases) -> Result<Vec<Contestant>> {
    let mut contestants = vec![contestant(args, "bare receiver", Kind::Bare, "")?];
    for store in databases.all() {
        contestants.push(contestant(args, store.names.weifen, Kind::Weifen, &store.fresh)?);
        contestants.push(contestant(args, store.names.one_per_push, Kind::OnePerPush, &store.single)?);
        contestants.push(contestant(args, store.names.grown, Kind::Weifen, &store.grown)?);
    }
    Ok(contestants)
}

fn contestant(args: &Args, name: &'static str, kind: Kind, database: &str) -> Result<Contestant> {
    let pushes = if kind == Kind::OnePerPush { args.pushes / 4 } else { args.pushes };
    let process = receiver::start(kind, database).context(name)?;
    Ok(Contestant { name, process, pushes, books: kind != Kind::Bare })
}

async fn measure(contestants: &[Contestant], connections: usize, args: &Args, next_user: &mut u64) -> Result<Figures> {
    for contestant in contestants {
        turn(contestant, connections, next_user).await.context("warming up")?;
    }
    let mut figures = Figures::new(contestants.iter().map(|contestant| contestant.name).collect());
    for round in 0..usize::from(args.rounds) {
        let mut turns: Vec<_> = contestants.iter().map(|_| None).collect();
        for place in (0..contestants.len()).map(|place| (round + place) % contestants.len()) {
            turns[place] = Some(turn(&contestants[place], connections, next_user).await?);
        }
        figures.push(turns.into_iter().flatten().collect());
    }
    Ok(figures)
}

async fn turn(contestant: &Contestant, connections: usize, next_user: &mut u64) -> Result<Turn> {
    let (first, pushes, address) = (*next_user, contestant.pushes, contestant.process.address());
    *next_user += pushes;
    if contestant.books {
        book::book(address, first, pushes).await?;
    }
    // A receiver closes idle connections between two turns.
    let crowd = Crowd::connect(address, connections).await?;
    crowd.send(push::request, first, pushes).await.with_context(|| contestant.name)
}
