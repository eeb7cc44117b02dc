//! The one error of every call: it says what a caller must decide, in types, for both vendors.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use weifen_proto::{InvalidRequest, Operation, Refusal, Repeat, Vendor};

use crate::{BadReply, RetryAfter, StoreError, StoreErrorKind, TransportError, Withheld};

/// Why a call has no answer.
///
/// It is cheap to clone: callers that waited for one token fetch share its failure.
#[derive(Clone)]
pub struct CallError(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    operation: &'static Operation,
    status: Option<StatusCode>,
    retry_after: Option<RetryAfter>,
    failure: Failure,
    hint: Option<Cow<'static, str>>,
}

/// What happened instead of an answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The request may not be sent as it is; nothing was.
    #[error("the request was not sent: {0}")]
    InvalidRequest(#[from] InvalidRequest),
    /// The client is not configured for this operation; nothing was sent.
    #[error("nothing was sent: {0}")]
    NotConfigured(#[from] NotConfigured),
    /// The client kept the request back, until a time that it names.
    #[error("nothing was sent: {0}")]
    Withheld(#[from] Withheld),
    /// The token store can't be used; nothing was sent. [`StoreError::kind`] says whether the call may be made again.
    #[error("nothing was sent")]
    Store(#[from] StoreError),
    /// The vendor answered, and what it gave could not be booked, so it was withheld. The call has had its effect: never
    /// make it again without a person's decision.
    #[error("the vendor answered, but what it gave is withheld, as it could not be booked")]
    NotBooked(#[source] StoreError),
    /// The vendor said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Provably nothing was sent.
    #[error("nothing was sent")]
    NotDelivered(#[source] TransportError),
    /// No reply came to a call that may be sent again.
    #[error("no reply came; the call may be sent again")]
    NoReply(#[source] TransportError),
    /// What came is no answer, and asking again does no harm but for what was handed in.
    #[error("the reply is no answer")]
    Undecodable(#[source] BadReply),
    /// It may have happened or not: never sent again without a person's decision.
    #[error("it is unknown whether it happened, so it was not sent again")]
    UnknownOutcome(#[source] Unusable),
}

/// A setting without which an operation can't be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting} is not set: {reason}")]
pub struct NotConfigured {
    setting: &'static str,
    reason: &'static str,
}

impl NotConfigured {
    /// `setting` is needed, and `reason` says why it has no default.
    pub const fn new(setting: &'static str, reason: &'static str) -> Self {
        Self { setting, reason }
    }

    /// The setting that is missing.
    pub const fn setting(&self) -> &'static str {
        self.setting
    }
}

/// What a call whose outcome is unknown got in the place of an answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// No reply.
    #[error(transparent)]
    NoReply(#[from] TransportError),
    /// A reply that is neither an answer nor a refusal.
    #[error(transparent)]
    BadReply(#[from] BadReply),
}

/// The kinds of failures, under the names that programs in any language see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `invalid_request`: nothing was sent, the request is wrong.
    InvalidRequest,
    /// `config`: a setting is missing or wrong, or a store is [unusable](StoreErrorKind::Unusable); nothing was sent.
    Config,
    /// `store`: the token store is [unavailable](StoreErrorKind::Unavailable); nothing was sent, and the call may be
    /// made again.
    Store,
    /// `refused`: the vendor said no.
    Refused,
    /// `not_delivered`: provably nothing was sent; the vendor can't be reached, or a limit is used up.
    NotDelivered,
    /// `no_reply`: a call that may be sent again got no reply.
    NoReply,
    /// `undecodable`: what came is no answer.
    Undecodable,
    /// `unknown_outcome`: it may have happened, or has and what it gave is lost.
    UnknownOutcome,
}

impl ErrorKind {
    /// The name that programs in any language see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Config => "config",
            Self::Store => "store",
            Self::Refused => "refused",
            Self::NotDelivered => "not_delivered",
            Self::NoReply => "no_reply",
            Self::Undecodable => "undecodable",
            Self::UnknownOutcome => "unknown_outcome",
        }
    }
}

impl From<StoreErrorKind> for ErrorKind {
    fn from(kind: StoreErrorKind) -> Self {
        match kind {
            StoreErrorKind::Unavailable => Self::Store,
            StoreErrorKind::Unusable => Self::Config,
        }
    }
}

/// What is known about the effect of a call that has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing was sent.
    NotSent,
    /// The vendor said no.
    Refused,
    /// It was asked and not answered; asking does no harm.
    Unanswered,
    /// It may have happened, or what was handed in may be spent.
    Unknown,
}

impl CallError {
    /// `operation` has no answer because of `failure`.
    pub fn new(operation: &'static Operation, failure: impl Into<Failure>) -> Self {
        Self(Arc::new(Inner { operation, status: None, retry_after: None, failure: failure.into(), hint: None }))
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        Arc::make_mut(&mut self.0).status = Some(status);
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<RetryAfter>) -> Self {
        Arc::make_mut(&mut self.0).retry_after = retry_after;
        self
    }

    /// Adds what the caller may do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        Arc::make_mut(&mut self.0).hint = Some(hint.into());
        self
    }

    /// The operation that was called; where a token had to be fetched first, the one that failed.
    pub fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// The vendor that was called.
    pub fn vendor(&self) -> Vendor {
        self.0.operation.vendor
    }

    /// What happened, to be matched.
    pub fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// The HTTP status of the reply, where one came.
    pub fn http_status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// How long the server asks to be left alone, where its reply says so.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.retry_after
    }

    /// What the caller may do about it.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The vendor's no, if it was one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.0.failure {
            Failure::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        match &self.0.failure {
            Failure::InvalidRequest(_) => ErrorKind::InvalidRequest,
            Failure::NotConfigured(_) => ErrorKind::Config,
            Failure::Store(error) => error.kind().into(),
            Failure::Refused(_) => ErrorKind::Refused,
            Failure::NotDelivered(_) | Failure::Withheld(_) => ErrorKind::NotDelivered,
            Failure::NoReply(_) => ErrorKind::NoReply,
            Failure::Undecodable(_) => ErrorKind::Undecodable,
            Failure::UnknownOutcome(_) | Failure::NotBooked(_) => ErrorKind::UnknownOutcome,
        }
    }

    /// What is known about the call's effect.
    pub fn outcome(&self) -> Outcome {
        match &self.0.failure {
            Failure::InvalidRequest(_)
            | Failure::NotConfigured(_)
            | Failure::Withheld(_)
            | Failure::Store(_)
            | Failure::NotDelivered(_) => Outcome::NotSent,
            Failure::Refused(_) => Outcome::Refused,
            Failure::Undecodable(_) if self.0.operation.repeat == Repeat::Once => Outcome::Unknown,
            Failure::NoReply(_) | Failure::Undecodable(_) => Outcome::Unanswered,
            Failure::UnknownOutcome(_) | Failure::NotBooked(_) => Outcome::Unknown,
        }
    }

    /// Whether the same call may be made again, unchanged, with a hope of an answer and no harm.
    pub fn is_retryable(&self) -> bool {
        match &self.0.failure {
            Failure::InvalidRequest(_)
            | Failure::NotConfigured(_)
            | Failure::UnknownOutcome(_)
            | Failure::NotBooked(_) => false,
            Failure::Refused(refusal) => refusal.kind().is_temporary(),
            Failure::Store(error) => error.kind() == StoreErrorKind::Unavailable,
            Failure::Withheld(_) | Failure::NotDelivered(_) | Failure::NoReply(_) => true,
            Failure::Undecodable(_) => self.outcome() == Outcome::Unanswered,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.operation, self.0.failure)?;
        if let Some(status) = self.0.status {
            write!(f, " (HTTP {})", status.as_u16())?;
        }
        Ok(())
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallError")
            .field("operation", &format_args!("{} {}", self.0.operation.vendor, self.0.operation.name))
            .field("http_status", &self.0.status)
            .field("failure", &self.0.failure)
            .finish_non_exhaustive()
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.failure.source()
    }
}
