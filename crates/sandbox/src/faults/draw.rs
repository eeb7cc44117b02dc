//! Chance that is the same on every run.

use crate::sequence;

/// The numbers that are drawn for one request.
pub(super) struct Draw {
    /// From 0 up to 1.
    pub(super) fraction: f64,
    pub(super) choice: u64,
}

impl Draw {
    /// For the `n`th request to an operation.
    pub(super) fn new(seed: u64, operation: &str, n: u64) -> Self {
        let digest = sequence::digest(&format!("fault {seed} {operation}"), n);
        let (first, last) = digest.split_at(4);
        // 32 bits are a fraction without loss.
        let number = first.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        Self {
            fraction: f64::from(number) / (f64::from(u32::MAX) + 1.0),
            choice: last.iter().rev().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_fill_the_whole_way_evenly() {
        let fractions: Vec<_> = (0..10_000).map(|n| Draw::new(1, "order_report", n).fraction).collect();
        assert!(fractions.iter().all(|fraction| (0.0..1.0).contains(fraction)));
        for tenth in (0..10_u32).map(f64::from) {
            let it = tenth / 10.0..(tenth + 1.0) / 10.0;
            let count = fractions.iter().filter(|fraction| it.contains(fraction)).count();
            assert!((900..1100).contains(&count), "{tenth}: {count}");
        }
    }

    #[test]
    fn seed_operation_and_number_each_matter() {
        let fraction = |seed, operation, n| Draw::new(seed, operation, n).fraction.to_bits();
        assert_eq!(fraction(1, "scenes", 1), fraction(1, "scenes", 1));
        for other in [fraction(2, "scenes", 1), fraction(1, "cities", 1), fraction(1, "scenes", 2)] {
            assert_ne!(fraction(1, "scenes", 1), other);
        }
    }
}
