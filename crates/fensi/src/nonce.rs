//! Sources of nonces: random ones, or a test's own list.

use std::fmt::Debug;

/// Source of the nonces: gives each call a text of its own.
pub trait NonceSource: Debug + Send + Sync {
    /// Returns a text that no call has carried: not empty, without white space around it that the vendor would trim.
    fn nonce(&self) -> String;
}

/// 128 random bits in hex.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomNonces;

impl NonceSource for RandomNonces {
    fn nonce(&self) -> String {
        hex::encode(rand::random::<[u8; 16]>())
    }
}
