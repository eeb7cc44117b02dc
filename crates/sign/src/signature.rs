//! The signature: the MD5 hash of three byte strings, sorted and joined, in lower-case hex.

use std::fmt;

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// A signature: 32 lower-case hex digits. `Debug` hides them: a captured call stays valid for ever.
#[derive(Clone, Copy)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Hashes the parts, sorted by their bytes and joined without separator, as PHP's `sort(…, SORT_STRING)` and
    /// `implode` do (documented).
    pub(crate) fn of(mut parts: [&[u8]; 3]) -> Self {
        parts.sort_unstable();
        let mut hash = Md5::new();
        for part in parts {
            hash.update(part);
        }
        let mut digits = [0; 32];
        hex::encode_to_slice(hash.finalize(), &mut digits).expect("an MD5 hash of 16 bytes has 32 hex digits");
        Self(digits)
    }

    /// Returns the hex digits.
    #[expect(clippy::missing_panics_doc, reason = "hex digits are ASCII")]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hex digits are ASCII")
    }

    /// Returns true where `given` equals this signature. The comparison takes constant time.
    pub fn matches(&self, given: &str) -> bool {
        self.0.ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
