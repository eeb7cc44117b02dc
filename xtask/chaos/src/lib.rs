//! Drives both clients against a sandbox in chaos, and compares their report of each call with the sandbox's log. Only
//! a report of "unknown" matches either result.

mod by_turns;
mod calls;
mod fast_clock;
mod log;
mod outages;
mod report;
mod told;
mod vendors;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};
use weifen::transport::Transport;
use weifen_sandbox::Sandbox;

use calls::{Call, Made};
use log::Log;
pub use report::Report;
pub use told::Told;
use vendors::Vendors;

/// Maximum number of concurrent calls, so that a slow machine is not overloaded.
const UNDER_WAY: usize = 1000;

/// Time between two reads of the log, well before the sandbox drops an entry.
const READING: Duration = Duration::from_secs(2);

/// Settings of a run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Time in which calls are started; a slow machine takes longer to start as many.
    pub lasts: Duration,
    /// Number of calls started each second.
    pub rate: u32,
    /// Seed of the sandbox's faults.
    pub seed: u64,
}

impl Plan {
    /// Number of calls that are started.
    fn calls(&self) -> usize {
        usize::try_from(self.lasts.as_millis() * u128::from(self.rate) / 1000).unwrap_or(usize::MAX)
    }
}

/// Makes the calls of a plan, through a transport that `around` may wrap.
///
/// # Errors
/// When the run itself fails; a client's false report is in the [`Report`].
pub async fn run(plan: Plan, around: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>) -> Result<Report> {
    let sandbox = Sandbox::builder().chaos(plan.seed).daily_limit(vendors::DAILY_LIMIT);
    let sandbox = sandbox.start().await.context("no sandbox can be started")?;
    let vendors = Arc::new(Vendors::new(&sandbox, around)?);
    let mut log = Log::default();
    let made = drive(plan, &vendors, || log.read(&sandbox)).await?;
    settle(&sandbox, &mut log).await;
    Ok(Report::new(plan.seed, &made, &log))
}

async fn drive(plan: Plan, vendors: &Arc<Vendors>, mut read_log: impl FnMut()) -> Result<Vec<Made>> {
    let under_way = Arc::new(Semaphore::new(UNDER_WAY));
    let mut calls = JoinSet::new();
    let mut made = Vec::new();
    let mut beats = interval(Duration::from_secs(1) / plan.rate);
    let mut readings = interval(READING);
    let mut number = 0;
    while number < plan.calls() {
        tokio::select! {
            _ = beats.tick() => {}
            _ = readings.tick() => {
                read_log();
                continue;
            }
        }
        let place = under_way.clone().acquire_owned().await?;
        let (vendors, call) = (vendors.clone(), Call::nth(plan.seed, number));
        number += 1;
        calls.spawn(async move {
            let made = call.make(&vendors).await;
            drop(place);
            made
        });
        while let Some(done) = calls.try_join_next() {
            made.push(done??);
        }
    }
    while let Some(done) = calls.join_next().await {
        made.push(done??);
    }
    Ok(made)
}

/// Waits until no more requests arrive: those that a client gave up may still be on their way.
async fn settle(sandbox: &Sandbox, log: &mut Log) {
    loop {
        let before = log.requests();
        sleep(Duration::from_millis(500)).await;
        log.read(sandbox);
        if log.requests() == before {
            return;
        }
    }
}
