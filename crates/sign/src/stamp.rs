//! The stamp of a call, unsigned and signed.

use std::fmt;

use crate::Signature;
use crate::decimal::Decimal;

/// Time of a call and its nonce, a text that is new for each call.
#[derive(Clone, PartialEq, Eq)]
pub struct Stamp {
    timestamp: u64,
    nonce: String,
}

impl Stamp {
    /// Creates a stamp from `timestamp`, in seconds since 1970 (UTC), and `nonce`.
    pub fn new(timestamp: u64, nonce: impl Into<String>) -> Self {
        Self { timestamp, nonce: nonce.into() }
    }

    /// Signs the stamp. The parameters can only be read from the result, so that the signed ones are sent.
    pub fn sign(self, app_secret: &str) -> SignedStamp {
        let signature = self.signature(app_secret);
        SignedStamp { stamp: self, signature }
    }

    /// Returns true where `signature` is this stamp's. The comparison takes constant time.
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

/// A stamp with its signature: the only type from which a call's signing parameters can be read.
#[derive(Debug, Clone)]
pub struct SignedStamp {
    stamp: Stamp,
    signature: Signature,
}

impl SignedStamp {
    /// Returns the signed time, in seconds since 1970 (UTC).
    pub fn timestamp(&self) -> u64 {
        self.stamp.timestamp
    }

    /// Returns the signed nonce.
    pub fn nonce(&self) -> &str {
        &self.stamp.nonce
    }

    /// Returns the signature: 32 lower-case hex digits.
    pub fn signature(&self) -> &str {
        self.signature.as_str()
    }
}
