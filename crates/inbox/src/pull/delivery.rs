//! A delivery that was claimed, and the name of its lease.

use std::fmt;
use std::str::FromStr;

use weifen_transport::Bytes;

use crate::IdempotencyKey;

/// An event that a consumer has claimed.
#[derive(Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// Its number in the inbox.
    pub id: i64,
    /// Its permanent name: the same at every attempt.
    pub webhook_id: IdempotencyKey,
    /// The name of the lease, by which it is acknowledged. Its form may change.
    pub lease: String,
    /// Number of times that it was handed out, this one included, from 1; counted anew after a redrive.
    pub attempt: u32,
    /// The body that a [`Webhook`](crate::Webhook) would post, byte for byte.
    pub payload: Bytes,
}

/// Leaves the payload out: it holds personal data.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, webhook_id, lease, attempt, payload: _ } = self;
        f.debug_struct("Delivery")
            .field("id", id)
            .field("webhook_id", webhook_id)
            .field("lease", lease)
            .field("attempt", attempt)
            .finish_non_exhaustive()
    }
}

/// A claim: its fencing number, and its time in milliseconds since 1970. In a database that was restored from a
/// backup the number may come again, the time does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) fence: i64,
    pub(crate) claimed_at: i64,
}

impl fmt::Display for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.fence, self.claimed_at)
    }
}

/// The text is none that a claim has given out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unknown;

impl FromStr for Lease {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let (fence, claimed_at) = text.split_once('-').ok_or(Unknown)?;
        let number = |digits| i64::from_str_radix(digits, 16).map_err(|_| Unknown);
        let lease = Self { fence: number(fence)?, claimed_at: number(claimed_at)? };
        if lease.to_string() == text { Ok(lease) } else { Err(Unknown) }
    }
}
