//! What takes events, and what it says when it can't.

use std::fmt::Debug;
use std::time::Duration;

use weifen_transport::async_trait;

use crate::{FollowEvent, IdempotencyKey};

/// How much of a handler's words is kept.
const LONGEST: usize = 200;

/// Takes events: hands out the goods, or tells whoever does.
///
/// An event is handed out until it is taken, and so perhaps twice: after a crash, or when an attempt's time was over
/// and it had been taken all the same. The [`IdempotencyKey`] is the same each time: do nothing for one that was dealt
/// with before. Order is not promised.
#[async_trait]
pub trait Handler: Debug + Send + Sync {
    /// Takes `event`, for good before it returns.
    ///
    /// It is dropped where it waits when its time is over, and its panic is a failure like others. It must not block
    /// the thread.
    ///
    /// # Errors
    /// When the event was not taken; the error says what becomes of it.
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError>;
}

/// Why an event was not taken, and what becomes of it.
///
/// `why` is kept with the event as its last failure, and operators see it: say what went wrong, never about whom. For
/// that reason no other error turns into this one by itself: many carry what they were about in their message. At most
/// 200 characters are kept.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{why}")]
pub struct HandlerError {
    pub(super) why: String,
    pub(super) then: Then,
}

/// What becomes of an event that was not taken.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then {
    Retry,
    RetryAfter(Duration),
    GiveUp,
    Pause,
}

impl HandlerError {
    /// It is handed out again, after a wait that doubles each time; it is dead when it has failed for too long.
    pub fn retry(why: impl AsRef<str>) -> Self {
        Self::new(why.as_ref(), Then::Retry)
    }

    /// The same, but not before `wait` is over, of which no more counts than the longest wait after a failure.
    pub fn retry_after(why: impl AsRef<str>, wait: Duration) -> Self {
        Self::new(why.as_ref(), Then::RetryAfter(wait))
    }

    /// It is dead at once, and waits for a person to redrive it.
    pub fn give_up(why: impl AsRef<str>) -> Self {
        Self::new(why.as_ref(), Then::GiveUp)
    }

    /// No more events are handed out, by any dispatcher of the database, until they are resumed or one starts anew. This
    /// one is kept, and the attempt is not counted.
    pub fn pause(why: impl AsRef<str>) -> Self {
        Self::new(why.as_ref(), Then::Pause)
    }

    fn new(why: &str, then: Then) -> Self {
        // Without control characters: a terminal obeys some, and PostgreSQL takes no text with a zero byte.
        let why = why.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { why, then }
    }
}
