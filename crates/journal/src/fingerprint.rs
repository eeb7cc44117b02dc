//! The fingerprint of a request: the same key may repeat the same request alone.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, Serializer};
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
        let fields = serde_json::to_vec(&Canonical(fields));
        let fields = fields.unwrap_or_else(|_| unreachable!("JSON can be written"));
        for part in [method.as_bytes(), b" ", path.as_bytes(), b" ", &fields] {
            digest.update(part);
        }
        Self(digest.finalize().into_bytes().to_vec())
    }
}

/// A value without the fields that are null. `serde_json` keeps fields sorted by name.
struct Canonical<'a>(&'a Value);

impl Serialize for Canonical<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let fields = fields.iter().filter(|(_, value)| !value.is_null());
                serializer.collect_map(fields.map(|(name, value)| (name, Canonical(value))))
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Canonical)),
            other => other.serialize(serializer),
        }
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}
