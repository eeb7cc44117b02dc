//! A bucket of tokens: so many requests a second, and twice as many at once.

use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Rate {
    per_second: f64,
    left: f64,
    filled_at: Instant,
}

impl Rate {
    pub(super) fn new(per_second: u32, now: Instant) -> Self {
        let per_second = f64::from(per_second);
        Self { per_second, left: per_second * 2.0, filled_at: now }
    }

    /// Takes one request's token, or tells how long until there is one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let gained = now.saturating_duration_since(self.filled_at).as_secs_f64() * self.per_second;
        self.left = (self.left + gained).min(self.per_second * 2.0);
        self.filled_at = now;
        if self.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.left) / self.per_second));
        }
        self.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_rate_passes_at_once_and_then_the_rate() {
        let begun = Instant::now();
        let mut rate = Rate::new(5, begun);
        let passed = |rate: &mut Rate, at: Duration| (0..100).filter(|_| rate.take(begun + at).is_ok()).count();
        assert_eq!(passed(&mut rate, Duration::ZERO), 10);
        assert_eq!(rate.take(begun), Err(Duration::from_millis(200)));
        assert_eq!(passed(&mut rate, Duration::from_secs(1)), 5);
        assert_eq!(passed(&mut rate, Duration::from_secs(100)), 10, "no more is saved up");
    }
}
