//! For tests: transports with canned replies, a clock that is moved by hand, and fixed randomness.
#![allow(missing_docs, reason = "mockall makes what is not documented here")]

mod canned;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;

pub use self::canned::Canned;
use crate::{Clock, Jitter, TransportError};

mockall::mock! {
    /// A transport that expects requests and panics at any other; made with mockall.
    #[derive(Debug)]
    pub Transport {}

    #[async_trait]
    impl crate::Transport for Transport {
        async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError>;
    }
}

/// A clock that only moves by hand.
#[derive(Debug)]
pub struct ManualClock {
    wall: Mutex<SystemTime>,
    elapsed: Mutex<Duration>,
}

impl ManualClock {
    /// Creates a clock that shows `start`.
    pub fn new(start: SystemTime) -> Self {
        Self { wall: Mutex::new(start), elapsed: Mutex::new(Duration::ZERO) }
    }

    /// Creates a clock that shows `seconds` since 1970 (UTC).
    pub fn at(seconds: u64) -> Self {
        Self::new(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Lets `time` pass.
    pub fn advance(&self, time: Duration) {
        *locked(&self.wall) += time;
        *locked(&self.elapsed) += time;
    }

    /// Sets wall time to `time`; elapsed time stays.
    pub fn set_wall(&self, time: SystemTime) {
        *locked(&self.wall) = time;
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> SystemTime {
        *locked(&self.wall)
    }

    fn elapsed(&self) -> Duration {
        *locked(&self.elapsed)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Randomness that always gives the same number; 0.5 is the middle of any range.
#[derive(Debug, Clone, Copy)]
pub struct FixedJitter(pub f64);

impl Jitter for FixedJitter {
    fn fraction(&self) -> f64 {
        self.0
    }
}
