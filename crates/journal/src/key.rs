//! The idempotency key that a caller gives to a call.

use std::fmt;

use sha2::{Digest, Sha256};

/// Largest number of characters of a key.
const LONGEST: usize = 128;

/// An idempotency key of one caller. Its `Debug` shows neither: a key may be an order's number.
#[derive(Clone, PartialEq, Eq)]
pub struct CallKey {
    caller: String,
    key: String,
}

/// The error of a text that is no idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key must have 1 to {LONGEST} visible ASCII characters")]
pub struct InvalidKey;

impl CallKey {
    /// Reads a key of `caller`, as it stands in the header `Idempotency-Key`: `"k"` in quotes equals `k`.
    ///
    /// # Errors
    /// [`InvalidKey`]: the key is empty, longer than 128 characters, or contains a character that is not visible
    /// ASCII.
    pub fn new(caller: impl Into<String>, key: &str) -> Result<Self, InvalidKey> {
        let key = key.trim_matches([' ', '\t']);
        let key = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
        let is_key = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if is_key { Ok(Self { caller: caller.into(), key: key.to_owned() }) } else { Err(InvalidKey) }
    }

    /// The caller whose key it is.
    pub fn caller(&self) -> &str {
        &self.caller
    }

    /// The key without quotes.
    pub fn as_str(&self) -> &str {
        &self.key
    }

    /// Caller and key. A caller's name has no space.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.caller, self.key)
    }

    /// The digest under which it is found.
    pub(crate) fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.text()))
    }
}

impl fmt::Debug for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallKey").field("caller", &self.caller).finish_non_exhaustive()
    }
}
