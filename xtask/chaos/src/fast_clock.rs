//! A fast clock for the clients, which shortens the pauses between token fetches.

use std::time::{Duration, Instant, SystemTime};

use weifen::transport::Clock;

/// Factor of the clock. A fetch lease, a little longer than the configured timeout, must still outlast a fetch.
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
