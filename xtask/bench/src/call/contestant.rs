//! A contestant: callers of one kind, one for each concurrent call, which call repeatedly.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;

use super::order;

/// Makes one call after another.
pub(crate) trait Caller: Send + 'static {
    const NAME: &'static str;

    /// Reports the order and returns the order number of the answer.
    fn call(&mut self) -> impl Future<Output = Result<String>> + Send;
}

/// Callers of one kind.
#[async_trait(?Send)]
pub(crate) trait Contestant {
    fn name(&self) -> &'static str;

    /// Lets every caller call until `turn` is over, at least once, and returns the rate.
    async fn calls_per_second(&mut self, turn: Duration) -> Result<f64>;
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
    fn name(&self) -> &'static str {
        C::NAME
    }

    async fn calls_per_second(&mut self, turn: Duration) -> Result<f64> {
        let began = Instant::now();
        let tasks: Vec<_> =
            self.callers.drain(..).map(|caller| tokio::spawn(call_until(caller, began + turn))).collect();
        let mut calls = 0;
        for task in tasks {
            let (caller, made) = task.await?.with_context(|| format!("{}: a call failed", C::NAME))?;
            self.callers.push(caller);
            calls += made;
        }
        Ok(f64::from(calls) / began.elapsed().as_secs_f64())
    }
}

async fn call_until<C: Caller>(mut caller: C, end: Instant) -> Result<(C, u32)> {
    let mut calls = 0;
    loop {
        let number = caller.call().await?;
        ensure!(number == order::NUMBER, "the answer is not the order number that the server gave");
        calls += 1;
        if Instant::now() >= end {
            return Ok((caller, calls));
        }
    }
}
