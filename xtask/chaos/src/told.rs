//! The outcome of a call that a client reported.

use anyhow::{Result, bail};
use weifen::proto::Operation;
use weifen::transport::{CallError, ErrorKind};

/// Outcome of a call, as a client reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Told {
    /// The call was answered, so the operation was done.
    Done,
    /// The vendor refused.
    Refused,
    /// Provably nothing was sent, also where a token fetch before it failed.
    NotDelivered,
    /// No reply came, and a repeat does no harm.
    NoReply,
    /// The reply is no answer.
    Undecodable,
    /// The operation may have been done.
    Unknown,
}

impl Told {
    /// All outcomes.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Refused, Self::NotDelivered, Self::NoReply, Self::Undecodable, Self::Unknown];

    /// Returns the outcome in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::NotDelivered => "not delivered",
            Self::NoReply => "no reply",
            Self::Undecodable => "undecodable",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the outcome that a call's result reports.
    ///
    /// # Errors
    /// When the run itself is wrong: an invalid request or configuration.
    pub(crate) fn of<T>(operation: &'static Operation, outcome: &Result<T, CallError>) -> Result<Self> {
        let Err(error) = outcome else { return Ok(Self::Done) };
        if error.operation() != operation {
            return Ok(Self::NotDelivered);
        }
        Ok(match error.kind() {
            ErrorKind::Refused => Self::Refused,
            ErrorKind::NotDelivered => Self::NotDelivered,
            ErrorKind::NoReply => Self::NoReply,
            ErrorKind::Undecodable => Self::Undecodable,
            ErrorKind::UnknownOutcome => Self::Unknown,
            kind => bail!("the run is wrong, {}: {error}", kind.as_str()),
        })
    }
}
