//! A contestant: callers of one kind, one for each concurrent call, which call repeatedly.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use async_trait::async_trait;

use super::order;

/// Makes one call after another.
pub(crate) trait Caller: Send + 'static {
    /// Reports the order and returns the order number of the answer.
    fn call(&mut self) -> impl Future<Output = Result<String>> + Send;
}

/// Callers of one kind.
#[async_trait(?Send)]
pub(crate) trait Contestant {
    /// Lets every caller call until `turn` is over, at least once, and returns the rate.
    async fn calls_per_second(&mut self, turn: Duration) -> Result<f64>;

    /// Lets the first caller make this many calls.
    async fn call_times(&mut self, calls: u32) -> Result<()>;
}

pub(crate) struct Crowd<C> {
    callers: Vec<C>,
}

impl<C> Crowd<C> {
    pub(crate) fn new(callers: Vec<C>) -> Self {
        Self { callers }
    }
}

#[async_trait(?Send)]
impl<C: Caller> Contestant for Crowd<C> {
    async fn calls_per_second(&mut self, turn: Duration) -> Result<f64> {
        let began = Instant::now();
        let tasks: Vec<_> =
            self.callers.drain(..).map(|caller| tokio::spawn(call_until(caller, began + turn))).collect();
        let mut calls = 0;
        for task in tasks {
            let (caller, made) = task.await??;
            self.callers.push(caller);
            calls += made;
        }
        Ok(f64::from(calls) / began.elapsed().as_secs_f64())
    }

    async fn call_times(&mut self, calls: u32) -> Result<()> {
        for _ in 0..calls {
            check(&self.callers[0].call().await?)?;
        }
        Ok(())
    }
}

fn check(number: &str) -> Result<()> {
    ensure!(number == order::NUMBER, "the answer is not the order number that the server gave");
    Ok(())
}

async fn call_until<C: Caller>(mut caller: C, end: Instant) -> Result<(C, u32)> {
    let mut calls = 0;
    loop {
        check(&caller.call().await?)?;
        calls += 1;
        if Instant::now() >= end {
            return Ok((caller, calls));
        }
    }
}
