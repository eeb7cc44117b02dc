//! For tests: a transport that answers as it is told, and a clock that is moved by hand.
#![allow(missing_docs, reason = "mockall makes what is not documented here")]

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Clock, TransportError};

mockall::mock! {
    /// A transport that expects requests and answers as it is told, made with mockall.
    #[derive(Debug)]
    pub Transport {}

    #[async_trait]
    impl crate::Transport for Transport {
        async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError>;
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    start: SystemTime,
    elapsed: Mutex<Duration>,
}

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: SystemTime) -> Self {
        Self { start, elapsed: Mutex::new(Duration::ZERO) }
    }

    /// A clock that stands at `seconds` since 1970 (UTC).
    pub fn at(seconds: u64) -> Self {
        Self::new(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Lets `time` pass.
    pub fn advance(&self, time: Duration) {
        *self.elapsed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += time;
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> SystemTime {
        self.start + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
