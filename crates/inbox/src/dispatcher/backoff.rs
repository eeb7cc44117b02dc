//! The backoff of an event after a failure.

use std::time::Duration;

use super::DispatchPolicy;

/// Backoff after the failure of attempt number `attempt`: doubled each time up to the cap; the second half of it is
/// multiplied by `fraction`, the jitter from 0 up to 1.
pub(super) fn wait(policy: &DispatchPolicy, attempt: u32, fraction: f64) -> Duration {
    let doubled = policy.backoff_base.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    let half = doubled.min(policy.backoff_cap) / 2;
    half + half.mul_f64(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_its_cap_and_half_of_it_is_chance() {
        let policy = DispatchPolicy { backoff_cap: Duration::from_secs(60), ..DispatchPolicy::default() };
        for (attempt, shortest, longest) in [
            (1, 250, 500),
            (2, 500, 1000),
            (3, 1000, 2000),
            (7, 16_000, 32_000),
            (8, 30_000, 60_000),
            (12, 30_000, 60_000),
            (u32::MAX, 30_000, 60_000),
        ] {
            let wait = |fraction| wait(&policy, attempt, fraction).as_millis();
            assert_eq!(
                [wait(0.0), wait(0.5), wait(1.0)],
                [shortest, u128::midpoint(shortest, longest), longest],
                "{attempt}"
            );
        }
    }
}
