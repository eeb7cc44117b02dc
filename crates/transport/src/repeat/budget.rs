//! The budget of repetitions: a sixth of the calls, so that a vendor in trouble gets few more requests.

/// Initial budget, so that a single call can be repeated.
const AT_FIRST: f64 = 2.0;
/// Maximum budget, earned by calls without repetitions.
const MOST: f64 = 10.0;
/// Repetitions earned by each call.
const EARNED: f64 = 1.0 / 6.0;

/// A token bucket of repetitions.
#[derive(Debug)]
pub(super) struct Budget(f64);

impl Default for Budget {
    fn default() -> Self {
        Self(AT_FIRST)
    }
}

impl Budget {
    /// Adds the share that a call earns.
    pub(super) fn earn(&mut self) {
        self.0 = MOST.min(self.0 + EARNED);
    }

    /// Takes one repetition; returns false where the budget is used up.
    pub(super) fn spend(&mut self) -> bool {
        let has_one = self.0 >= 1.0;
        if has_one {
            self.0 -= 1.0;
        }
        has_one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repetitions(budget: &mut Budget, calls: u32) -> u32 {
        (0..calls)
            .map(|_| {
                budget.earn();
                (0..2).map(|_| u32::from(budget.spend())).sum::<u32>()
            })
            .sum()
    }

    #[test]
    fn an_outage_is_asked_at_most_a_fifth_more_often() {
        for calls in [60, 100, 1000, 100_000] {
            let repeated = repetitions(&mut Budget::default(), calls);
            assert!(repeated * 5 <= calls, "{repeated} of {calls}");
        }
    }

    #[test]
    fn a_single_call_can_be_repeated_twice() {
        assert_eq!(repetitions(&mut Budget::default(), 1), 2);
    }

    #[test]
    fn a_long_calm_earns_ten_and_no_more() {
        let mut budget = Budget::default();
        (0..100_000).for_each(|_| budget.earn());
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 10);
    }
}
