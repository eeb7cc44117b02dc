//! A call as the journal keeps it.

use std::fmt;
use std::time::SystemTime;

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// It may be under way: its deadline is ahead.
    Begun,
    /// The vendor has done it.
    Done,
    /// The vendor refused it for good.
    Refused,
    /// It may have had its effect. Never make it again without a person's decision.
    Unknown,
    /// It had no effect. The same request may be sent again under its key.
    Free,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Begun, Self::Done, Self::Refused, Self::Unknown, Self::Free];

    /// The word that stands for it in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Free => "free",
        }
    }

    /// Reads the word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// The answer that a caller got. Its `Debug` shows the status alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body: JSON.
    pub body: String,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A call as the journal keeps it. Its `Debug` shows neither key nor answer.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Place in the order in which calls were first begun.
    pub number: i64,
    /// Its idempotency key; `None` once it is erased.
    pub key: Option<String>,
    /// The operation.
    pub operation: String,
    /// The call's outcome.
    pub outcome: Outcome,
    /// Number of times that it was begun.
    pub attempt: i64,
    /// Time when it was begun last.
    pub began_at: SystemTime,
    /// Time of its end; `None` while it is under way, and where its server ended before it did.
    pub ended_at: Option<SystemTime>,
    /// Time until which its answer is given again.
    pub kept_until: SystemTime,
    /// The answer that was given; `None` where there is none, and once it is erased.
    pub answer: Option<Answer>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("number", &self.number)
            .field("operation", &self.operation)
            .field("outcome", &self.outcome)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
