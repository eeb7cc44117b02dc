//! The handler of events, and its error.

use std::fmt::Debug;
use std::time::Duration;

use weifen_transport::async_trait;

use crate::{FollowEvent, IdempotencyKey};

/// Number of characters of a handler's error that are kept.
const LONGEST: usize = 200;

/// Takes events: hands out the goods, or reports to the system that does.
///
/// An event is handed out until it is taken, and so perhaps twice: after a crash, or when an attempt timed out
/// although the event was taken. The [`IdempotencyKey`] is the same each time: do nothing for one that was handled
/// before. Order is not promised.
#[async_trait]
pub trait Handler: Debug + Send + Sync {
    /// Takes `event`, durably before it returns.
    ///
    /// The future is dropped when its time is over, and a panic counts as a failure. It must not block the thread.
    ///
    /// # Errors
    /// When the event was not handled. The error says whether weifen retries it, gives it up or pauses all deliveries.
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError>;
}

/// Reason why a delivery attempt failed, and the decision about the event.
///
/// `why` is stored as the event's last failure and shown to operators: say what went wrong, never personal data. No
/// other error converts into this one, as many carry personal data. At most 200 characters are kept.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{why}")]
pub struct HandlerError {
    pub(super) why: String,
    pub(super) then: Then,
}

/// The decision about an event that was not taken.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then {
    Retry,
    RetryAfter(Duration),
    GiveUp,
    Pause,
}

impl HandlerError {
    /// The event is retried after a backoff that doubles each time. It is dead once it has failed for too long.
    pub fn retry(why: impl AsRef<str>) -> Self {
        Self::new(why.as_ref(), Then::Retry)
    }

    /// The same, but not before `wait` is over, which is capped at
    /// [`DispatchPolicy::backoff_cap`](crate::DispatchPolicy).
    pub fn retry_after(why: impl AsRef<str>, wait: Duration) -> Self {
        Self::new(why.as_ref(), Then::RetryAfter(wait))
    }

    /// The event is dead at once, and waits for a person to redrive it.
    pub fn give_up(why: impl AsRef<str>) -> Self {
        Self::new(why.as_ref(), Then::GiveUp)
    }

    /// Deliveries pause, for every dispatcher of the database, until they are resumed or a dispatcher starts. This
    /// event is kept, and the attempt is not counted.
    pub fn pause(why: impl AsRef<str>) -> Self {
        Self::new(why.as_ref(), Then::Pause)
    }

    fn new(why: &str, then: Then) -> Self {
        // Without control characters: a terminal obeys some, and PostgreSQL rejects text with a zero byte.
        let why = why.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { why, then }
    }
}
