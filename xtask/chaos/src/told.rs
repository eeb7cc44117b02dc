//! What a client reported of a call.

use anyhow::{Result, bail};
use weifen::proto::Operation;
use weifen::transport::{CallError, ErrorKind};

/// What a client reported of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Told {
    /// It was done.
    Done,
    /// The vendor said no.
    Refused,
    /// Provably nothing was sent of it, a failed token fetch before it included.
    NotDelivered,
    /// No reply came, and asking does no harm.
    NoReply,
    /// What came is no answer.
    Undecodable,
    /// It may have happened.
    Unknown,
}

impl Told {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Refused, Self::NotDelivered, Self::NoReply, Self::Undecodable, Self::Unknown];

    /// In words.
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

    /// What an outcome reports.
    ///
    /// # Errors
    /// When the run itself is wrong: its request or its configuration.
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
