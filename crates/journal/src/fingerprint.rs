//! The fingerprint of a request: the same key may repeat the same request alone.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::CallKey;

/// A digest of a request, keyed by its idempotency key: without the key, which is erased with the answer, nobody can
/// find the request by trying. A key that can be guessed protects nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) Vec<u8>);

impl Fingerprint {
    /// Returns the fingerprint of the request that `key` stands for. Neither the order of `fields` counts nor fields
    /// that are null; leave out those that have their default.
    pub fn new(key: &CallKey, method: &str, path: &str, fields: &Value) -> Self {
        let mut digest = Hmac::<Sha256>::new_from_slice(key.text().as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        digest.update(format!("{method} {path} {}", canonical(fields)).as_bytes());
        Self(digest.finalize().into_bytes().to_vec())
    }
}

/// Sorted by name: `serde_json` keeps objects so.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| (name.clone(), canonical(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        other => other.clone(),
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}
