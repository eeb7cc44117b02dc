//! The clients' clock, which runs fast, so that the pauses between token fetches cost the run less.

use std::time::{Duration, Instant, SystemTime};

use weifen::transport::Clock;

/// Times as fast. The right to fetch a token, a little more than the configured time-out, must still outlast a fetch.
const FASTER: u32 = 60;

#[derive(Debug)]
pub(crate) struct FastClock {
    wall: SystemTime,
    start: Instant,
}

impl FastClock {
    pub(crate) fn new() -> Self {
        Self { wall: SystemTime::now(), start: Instant::now() }
    }
}

impl Clock for FastClock {
    fn wall(&self) -> SystemTime {
        self.wall + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed() * FASTER
    }
}
