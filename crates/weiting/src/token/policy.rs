//! Life of a token, time of its renewal, and the limits of fetches.

use std::time::Duration;

use weifen_proto::InvalidRequest;

/// Life of a token, time of its renewal, and the limits of fetches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenPolicy {
    /// Life of a token, counted from before its request was sent: 7200 s (documented). 366 days at most.
    pub life: Duration,
    /// Time before its end at which a token is renewed, plus or minus a tenth: 300 s. Must be less than `life`.
    pub refresh_before: Duration,
    /// Number of fetches allowed on a Beijing day: 200 (assumed: the vendor documents a limit without its number).
    pub daily_limit: u32,
    /// Duration of the fetch lease, and timeout of a fetch: 20 s. It must be longer than the transport's own timeout,
    /// or a slow vendor is asked twice. Two hours at most.
    pub lease: Duration,
}

/// Upper limit of a token's life, small enough that sums of times do not overflow.
const LONGEST_LIFE: Duration = Duration::from_secs(366 * 86_400);
/// Upper limit of a lease, longer than any call takes. A stored lease that ends later than this from now is ignored.
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
            return Err(InvalidRequest::new("token_lease", "must be longer than zero"));
        }
        if self.lease > LONGEST_LEASE {
            return Err(InvalidRequest::new("token_lease", "must not be longer than two hours"));
        }
        Ok(())
    }

    /// Returns the renewal time of a token that ends at `ends`, shifted by `fraction` (0 to 1) by a tenth at most.
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
