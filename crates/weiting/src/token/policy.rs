//! How long a token lives, and how often one may be fetched.

use std::time::Duration;

use weifen_proto::InvalidRequest;

/// How long a token lives, and how often one may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenPolicy {
    /// From before the request for it was sent to its end: 7200 s (documented).
    pub life: Duration,
    /// How long before its end a new one is fetched, give or take a tenth: 300 s.
    pub refresh_before: Duration,
    /// How many may be fetched a Beijing day: 200 (assumed: documented to be limited, not how far).
    pub daily_limit: u32,
    /// How long the right to fetch lasts, and with it a fetch: 20 s. It has to outlast the transport's own time-out, or
    /// a slow vendor is asked twice. Two hours at the most.
    pub lease: Duration,
}

/// Longer than any token lives: times that far ahead can still be reckoned with.
const LONGEST_LIFE: Duration = Duration::from_secs(366 * 86_400);
/// Longer than any call may take. One that lies further ahead in a store is not believed.
pub(super) const LONGEST_LEASE: Duration = Duration::from_secs(2 * 3600);

impl Default for TokenPolicy {
    fn default() -> Self {
        Self {
            life: Duration::from_secs(7200),
            refresh_before: Duration::from_secs(300),
            daily_limit: 200,
            lease: Duration::from_secs(20),
        }
    }
}

impl TokenPolicy {
    pub(crate) fn check(&self) -> Result<(), InvalidRequest> {
        if self.life > LONGEST_LIFE {
            return Err(InvalidRequest::new("token_life", "must not be longer than a year"));
        }
        if self.refresh_before >= self.life {
            return Err(InvalidRequest::new("refresh_before", "must be shorter than the token's life"));
        }
        if self.lease.is_zero() {
            return Err(InvalidRequest::new("token_lease", "must be longer than nothing"));
        }
        if self.lease > LONGEST_LEASE {
            return Err(InvalidRequest::new("token_lease", "must not be longer than two hours"));
        }
        Ok(())
    }

    /// When a token that ends at `ends` is renewed; `fraction`, from 0 up to 1, moves it by a tenth of the time before.
    pub(super) fn renewal(&self, ends: Duration, fraction: f64) -> Duration {
        ends.saturating_sub(self.refresh_before.mul_f64(0.9 + 0.2 * fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewal_is_moved_by_a_tenth_at_the_most() {
        let ends = Duration::from_secs(7200);
        let renewal = |fraction| TokenPolicy::default().renewal(ends, fraction).as_secs_f64().round();
        assert!([0.0, 0.5, 1.0].map(renewal).iter().eq(&[6930.0, 6900.0, 6870.0]));
    }

    #[test]
    fn a_life_of_a_year_and_a_lease_of_two_hours_are_the_longest() {
        let moment = Duration::from_nanos(1);
        let (year, two_hours) = (Duration::from_secs(31_622_400), Duration::from_secs(7200));
        let with = |life, lease| TokenPolicy { life, lease, ..TokenPolicy::default() }.check().is_ok();
        assert!(with(year, two_hours));
        assert!(!with(year + moment, two_hours) && !with(year, two_hours + moment));
    }

    #[test]
    fn a_token_is_renewed_within_its_life() {
        let before = |refresh_before| TokenPolicy { refresh_before, ..TokenPolicy::default() }.check().is_ok();
        assert!(before(Duration::from_secs(7199)) && !before(Duration::from_secs(7200)));
    }
}
