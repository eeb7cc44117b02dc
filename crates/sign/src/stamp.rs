//! The stamp of a call, and what it becomes by being signed.

use std::fmt;

use crate::Signature;
use crate::decimal::Decimal;

/// When a call is made, and a text that is new for each call.
#[derive(Clone, PartialEq, Eq)]
pub struct Stamp {
    timestamp: u64,
    nonce: String,
}

impl Stamp {
    /// A stamp of `timestamp`, in seconds since 1970 (UTC), and `nonce`.
    pub fn new(timestamp: u64, nonce: impl Into<String>) -> Self {
        Self { timestamp, nonce: nonce.into() }
    }

    /// Signs the stamp. What was signed can only be read from what comes out, so it is what is sent.
    pub fn sign(self, app_secret: &str) -> SignedStamp {
        let signature = self.signature(app_secret);
        SignedStamp { stamp: self, signature }
    }

    /// Whether `signature` is this stamp's, in a time that doesn't tell where the two differ.
    pub fn verify(&self, app_secret: &str, signature: &str) -> bool {
        self.signature(app_secret).matches(signature)
    }

    fn signature(&self, app_secret: &str) -> Signature {
        let timestamp = Decimal::new(self.timestamp);
        Signature::of([timestamp.as_bytes(), self.nonce.as_bytes(), app_secret.as_bytes()])
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp").field("timestamp", &self.timestamp).finish_non_exhaustive()
    }
}

/// A stamp with its signature: the only thing from which a call's signing parameters can be read.
#[derive(Debug, Clone)]
pub struct SignedStamp {
    stamp: Stamp,
    signature: Signature,
}

impl SignedStamp {
    /// The seconds since 1970 (UTC) that were signed.
    pub fn timestamp(&self) -> u64 {
        self.stamp.timestamp
    }

    /// The nonce that was signed.
    pub fn nonce(&self) -> &str {
        &self.stamp.nonce
    }

    /// The signature, 32 lower-case hex digits.
    pub fn signature(&self) -> &str {
        self.signature.as_str()
    }
}
