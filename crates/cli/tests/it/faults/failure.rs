//! The failure of a case, and a guess whether a busy machine caused it.

use std::fmt;
use std::time::Duration;

#[derive(Debug)]
pub(super) enum Failure {
    /// It took longer than its timeout and a second.
    Late(Duration),
    /// It took so many KiB more than an answer.
    Memory(u64),
    /// The fault was not met before the memory was read.
    Unmet,
    /// It did not end as documented.
    Ended {
        /// True where time had a part in it: little was left, or it is a race.
        by_time: bool,
        words: String,
    },
    /// It printed what it must not.
    Printed(String),
}

impl Failure {
    /// Returns true where a busy machine may be the cause, which it never is of printed text.
    pub(super) fn may_be_chance(&self) -> bool {
        match self {
            Self::Late(_) | Self::Memory(_) | Self::Unmet => true,
            Self::Ended { by_time, .. } => *by_time,
            Self::Printed(_) => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late(took) => write!(f, "took {took:?}"),
            Self::Memory(more) => write!(f, "takes {more} KiB more than an answer"),
            Self::Unmet => f.write_str("did not meet its fault"),
            Self::Ended { words, .. } => f.write_str(words),
            Self::Printed(words) => write!(f, "prints {words}"),
        }
    }
}
