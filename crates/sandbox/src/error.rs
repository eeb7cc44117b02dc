//! Errors of the sandbox itself; the vendors' refusals are no errors of this kind.

use std::{io, net::SocketAddr};

/// The reason why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address could not be listened on.
    #[error("cannot listen on {address}: choose a free port, or port 0 for any")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's own error.
        source: io::Error,
    },
    /// The sandbox's own thread or runtime could not be made.
    #[error("cannot start the sandbox's thread")]
    Thread(#[source] io::Error),
    /// The public URL cannot be the start of links. It is not repeated: it may hold a password.
    #[error("the public URL {0}")]
    PublicUrl(String),
    /// The push URL is refused.
    #[error(transparent)]
    PushUrl(ControlError),
    /// The clock's start is before 1970 or after the year 8999.
    #[error("the clock cannot start at {0}: choose an instant from 1970 to 8999")]
    ClockStart(jiff::Timestamp),
    /// The life of tokens is under one second or over 366 days.
    #[error("a token cannot live {0:?}: choose from one second to 366 days")]
    TokenLife(std::time::Duration),
}

/// The reason why a control action was refused. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// A request to `/_sandbox/` that is not what the action takes.
    #[error("{0}")]
    BadRequest(String),
    /// A fault is invalid. The previous list of faults stays in force.
    #[error("fault {entry}: {reason}")]
    Fault {
        /// Its place in the list, from 1.
        entry: usize,
        /// The setting that is wrong, and what to choose.
        reason: String,
    },
    /// The clock would have moved past the year 8999.
    #[error("the clock cannot be moved that far: it ends with the year 8999")]
    ClockTooFar,
    /// The sandbox does not post to this push URL. The URL is not shown: its path is a secret in production.
    #[error("the push URL {0}")]
    PushUrl(String),
    /// The account of a follow is not in the pool.
    #[error("the pool has no account {0:?}: GET /_sandbox/state lists the accounts")]
    UnknownAccount(String),
    /// A follow has no appid, and its user has no QR code yet.
    #[error("user {0:?} has no QR code yet: call get_qrcode for this user first, or name an appid")]
    NeverOffered(String),
    /// The account of a follow has less budget left than its bid.
    #[error("account {0:?} has less budget left than its bid")]
    NoBudget(String),
    /// A follow is to be pushed more than 100 times.
    #[error("times is {0}: choose from 0 to 100")]
    Times(u32),
    /// A push is to take longer than ten minutes.
    #[error("{name} is {}: choose at most 600000, ten minutes", asked.as_millis())]
    TooLong {
        /// The field that was to take so long, by its name in JSON.
        name: &'static str,
        /// The time that was asked for.
        asked: std::time::Duration,
    },
    /// The sandbox was stopped while the action ran.
    #[error("the sandbox was stopped")]
    Stopped,
}
