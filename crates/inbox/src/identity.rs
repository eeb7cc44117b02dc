//! The identity of an event, as digests: they outlive the personal data that they were made from.

use std::fmt;
use std::time::SystemTime;

use sha2::{Digest, Sha256};
use weifen_database::milliseconds;

use crate::SecondFollow;

/// User and account of a follow: a digest of `develop_appid`, `appid` and `auth_open_id`, not of the optional
/// `openid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Follow([u8; Self::LENGTH]);

impl Follow {
    /// Number of its bytes.
    pub(crate) const LENGTH: usize = 32;

    pub(crate) fn new(develop_appid: &str, appid: &str, auth_open_id: &str) -> Self {
        let mut hasher = Sha256::new();
        for part in [develop_appid, appid, auth_open_id] {
            // Each part has its length before it, so that no two triples hash alike.
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl TryFrom<Vec<u8>> for Follow {
    type Error = Vec<u8>;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Vec<u8>> {
        bytes.try_into().map(Self)
    }
}

/// Digest of a `state`, or of none: the text itself is not stored, as a forger must not learn it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct StateDigest(Option<[u8; 16]>);

impl StateDigest {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn of(state: Option<&str>) -> Self {
        Self(state.map(|state| first_half(&Sha256::digest(state))))
    }

    pub(crate) fn is_none(self) -> bool {
        self.0.is_none()
    }

    /// Empty where there was no state.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |digest| digest)
    }

    pub(crate) fn hex(&self) -> String {
        hex::encode(self.bytes())
    }
}

impl TryFrom<Vec<u8>> for StateDigest {
    type Error = Vec<u8>;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Vec<u8>> {
        if bytes.is_empty() {
            return Ok(Self::NONE);
        }
        bytes.try_into().map(|digest| Self(Some(digest)))
    }
}

/// Unique key of an event, for good: the follow, and its slot among the follows of the same user and account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) follow: Follow,
    pub(crate) slot: StateDigest,
}

impl Identity {
    pub(crate) fn new(follow: Follow, state: StateDigest, second_follow: SecondFollow) -> Self {
        let slot = match second_follow {
            SecondFollow::Ignore => StateDigest::NONE,
            SecondFollow::PerState => state,
        };
        Self { follow, slot }
    }
}

/// The permanent name of an event: the same at every attempt, for every duplicate, after a restart, and in another
/// database that receives the same push. It is the `webhook-id` of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub(crate) fn of(identity: &Identity) -> Self {
        let digest = Sha256::new().chain_update(identity.follow.bytes()).chain_update(identity.slot.bytes()).finalize();
        Self(format!("evt_{}", hex::encode(first_half(&digest))))
    }

    /// The text, of ASCII letters, digits and `_`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 128 random bits, as hexadecimal text.
pub(crate) fn random_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// The time and 128 random bits, as hexadecimal text: ids of one time are neighbours in an index, and are written
/// together.
pub(crate) fn timed_id() -> String {
    format!("{:012x}{}", milliseconds::since_1970(SystemTime::now()), random_id())
}

/// Returns the first 128 bits of a digest, enough where nobody profits from a collision.
fn first_half(digest: &[u8]) -> [u8; 16] {
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_id_made_later_is_a_later_neighbour_and_no_other_can_be_told_from_it() {
        let first = timed_id();
        sleep(Duration::from_millis(2));
        let (second, third) = (timed_id(), timed_id());
        assert!(first[..12] < second[..12], "{first} {second}");
        assert_ne!(second[12..], third[12..]);
        assert_eq!(second[12..].len(), 32);
    }
}
