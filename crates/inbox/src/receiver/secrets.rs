//! The secrets in the address for pushes: they alone tell the vendor from a stranger.

use std::fmt;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use weifen_proto::repetitions;

/// The secrets that a push's address may hold: one, or two during a rotation. `Debug` shows none of them.
#[derive(Clone)]
pub struct PushSecrets([PushSecret; 2]);

#[derive(Clone)]
struct PushSecret {
    text: SecretString,
    digest: [u8; 32],
}

/// The error of push secrets that can't be used. Correct the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeakSecret {
    /// No secret is set. Set one from `weifen secret push`.
    #[error("at least one push secret is required")]
    Missing,
    /// More than two secrets are set. Remove the old ones.
    #[error("at most two push secrets are allowed")]
    TooMany,
    /// A secret can be guessed, or can't be part of an address. Create a new one with `weifen secret push`.
    #[error("push secret {number}: 22 or more base64url or 32 or more hex characters are required")]
    Guessable {
        /// Its number, counted from 1.
        number: usize,
    },
}

impl PushSecrets {
    /// Checks one or two secrets of at least 128 bits each: 22 or more base64url characters, or 32 or more hex digits.
    ///
    /// # Errors
    /// [`WeakSecret`]: there is no secret, more than two, or one that is too short or not base64url.
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Result<Self, WeakSecret> {
        let secrets: Vec<SecretString> = secrets.into_iter().collect();
        if let Some(place) = secrets.iter().position(|secret| !has_128_bits(secret.expose_secret())) {
            return Err(WeakSecret::Guessable { number: place + 1 });
        }
        let secret = |text: &SecretString| PushSecret {
            text: text.clone(),
            digest: Sha256::digest(text.expose_secret()).into(),
        };
        match secrets.as_slice() {
            [] => Err(WeakSecret::Missing),
            // One secret is compared twice, so that it takes as long as two.
            [one] => Ok(Self([secret(one), secret(one)])),
            [one, other] => Ok(Self([secret(one), secret(other)])),
            _ => Err(WeakSecret::TooMany),
        }
    }

    /// Returns true where this is one of them, in constant time.
    pub(super) fn admit(&self, given: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(given).into();
        let [one, other] = &self.0;
        (given.ct_eq(&one.digest) | given.ct_eq(&other.digest)).into()
    }

    /// Replaces each secret with `redacted`, however it is encoded: the vendor is observed to send the address that it
    /// pushes to (`server_url`) along, and stored pushes are shown and delivered.
    pub(super) fn redacted(&self, raw: Bytes) -> Bytes {
        let texts = self.0.each_ref().map(|secret| secret.text.expose_secret());
        let places = repetitions(&raw, &texts);
        if places.is_empty() {
            return raw;
        }
        let (mut kept, mut end) = (Vec::with_capacity(raw.len()), 0);
        for place in places {
            kept.extend_from_slice(&raw[end..place.start]);
            kept.extend_from_slice(b"redacted");
            end = place.end;
        }
        kept.extend_from_slice(&raw[end..]);
        kept.into()
    }
}

impl fmt::Debug for PushSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushSecrets").finish_non_exhaustive()
    }
}

/// Returns true for base64url text of 128 bits or more: hex digits alone have four a character, other text six.
fn has_128_bits(secret: &str) -> bool {
    let base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let hex = secret.chars().all(|c| c.is_ascii_hexdigit());
    secret.chars().all(base64url) && secret.len() >= if hex { 32 } else { 22 }
}
