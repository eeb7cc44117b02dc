//! The secrets in the address that pushes are sent to: all that tells the vendor from a stranger.

use std::fmt;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use weifen_proto::repetitions;

/// The secrets that a push's address may hold: one, or two while the one takes the other's place. It shows nothing of
/// them.
#[derive(Clone)]
pub struct PushSecrets([PushSecret; 2]);

#[derive(Clone)]
struct PushSecret {
    text: SecretString,
    digest: [u8; 32],
}

/// Why secrets were not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeakSecret {
    /// There is none.
    #[error("a push secret is needed")]
    Missing,
    /// There are more than two.
    #[error("at most two push secrets may be in use")]
    TooMany,
    /// One can be guessed, or can't stand in an address.
    #[error("push secret {number}: 22 or more base64url or 32 or more hex characters are needed")]
    Guessable {
        /// Which one, counted from 1.
        number: usize,
    },
}

impl PushSecrets {
    /// One or two secrets of at least 128 bits each: 22 or more base64url characters, or 32 or more where all are hex
    /// digits.
    ///
    /// # Errors
    /// [`WeakSecret`].
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
            // Compared with itself twice, one secret takes as long as two.
            [one] => Ok(Self([secret(one), secret(one)])),
            [one, other] => Ok(Self([secret(one), secret(other)])),
            _ => Err(WeakSecret::TooMany),
        }
    }

    /// Whether this is one of them. How long it takes tells nothing about them.
    pub(super) fn admit(&self, given: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(given).into();
        let [one, other] = &self.0;
        (given.ct_eq(&one.digest) | given.ct_eq(&other.digest)).into()
    }

    /// What came, with `redacted` in the place of each of the secrets, however it is encoded: the vendor is observed to
    /// send the address along that it pushes to (`server_url`), and what is stored is shown and delivered.
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

/// A text of hex digits alone has four bits a character, else six.
fn has_128_bits(secret: &str) -> bool {
    let base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let hex = secret.chars().all(|c| c.is_ascii_hexdigit());
    secret.chars().all(base64url) && secret.len() >= if hex { 32 } else { 22 }
}
