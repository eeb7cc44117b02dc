//! Randomness, so that clients do not act at the same moment.

use std::fmt::Debug;

/// Source of randomness.
pub trait Jitter: Debug + Send + Sync {
    /// Returns a number from 0 (included) to 1 (excluded).
    fn fraction(&self) -> f64;
}

/// The random number generator of this thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomJitter;

impl Jitter for RandomJitter {
    fn fraction(&self) -> f64 {
        rand::random()
    }
}
