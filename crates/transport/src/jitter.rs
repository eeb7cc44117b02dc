//! Chance, for moments that must not be everyone's at once.

use std::fmt::Debug;

/// Where chance comes from.
pub trait Jitter: Debug + Send + Sync {
    /// A number from 0 up to, and without, 1.
    fn fraction(&self) -> f64;
}

/// Chance itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomJitter;

impl Jitter for RandomJitter {
    fn fraction(&self) -> f64 {
        rand::random()
    }
}
