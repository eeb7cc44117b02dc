//! Two clocks: wall time, which can be set and jumps, and elapsed time, which only increases.

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

/// Source of time.
pub trait Clock: Debug + Send + Sync {
    /// Wall time, as the vendors see it.
    fn wall(&self) -> SystemTime;

    /// Time since a fixed moment. It never goes back, and it includes the time in which the machine sleeps.
    fn elapsed(&self) -> Duration;
}

/// The operating system's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Reads the boot clock: on Linux, `Instant` stands still while the machine sleeps.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn elapsed(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
        Duration::new(seconds, nanoseconds)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn elapsed(&self) -> Duration {
        static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
        START.elapsed()
    }
}
