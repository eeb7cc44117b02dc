//! The error of every call, for both vendors. Its types say what the caller must decide.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use weifen_proto::{InvalidRequest, Operation, Refusal, Repeat, Vendor};

use crate::{BadReply, RetryAfter, StoreError, StoreErrorKind, TransportError, Withheld};

/// Error of a call: the operation, the failure, the HTTP status and `Retry-After` of the reply, and a hint.
///
/// It is cheap to clone: callers that waited for the same token fetch share its error.
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

/// Failure of a call. Each variant says whether the request was sent and whether the call may be made again.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The request is invalid, and nothing was sent. Correct the request.
    #[error("the request was not sent: {0}")]
    InvalidRequest(#[from] InvalidRequest),
    /// The client lacks a setting for this operation, and nothing was sent. Correct the configuration.
    #[error("nothing was sent: {0}")]
    NotConfigured(#[from] NotConfigured),
    /// A limit of the client held the request back, and nothing was sent. Make the call again after the time it names.
    #[error("nothing was sent: {0}")]
    Withheld(#[from] Withheld),
    /// The token store failed, and nothing was sent. [`StoreError::kind`] says whether the call may be made again.
    #[error("nothing was sent")]
    Store(#[from] StoreError),
    /// The vendor answered, but the answer could not be saved, so it was withheld. The call has had its effect: never
    /// make it again without a person's decision.
    #[error("the vendor answered, but the answer is withheld because it could not be saved")]
    NotBooked(#[source] StoreError),
    /// The vendor refused the request. [`Refusal::kind`] says whether the same request may succeed later.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Provably nothing was sent. The call may be made again.
    #[error("nothing was sent")]
    NotDelivered(#[source] TransportError),
    /// The request may have been sent, and no reply came. The call may be made again without harm.
    #[error("no reply; the call may be sent again")]
    NoReply(#[source] TransportError),
    /// The reply is no answer. The call may be made again, but not a *once* call, which may have used up its input.
    #[error("the reply is not an answer of the vendor")]
    Undecodable(#[source] BadReply),
    /// The call may have had its effect. Never make it again without a person's decision.
    #[error("the outcome is unknown: the call may have had its effect; it was not sent again")]
    UnknownOutcome(#[source] Unusable),
}

/// Error of an operation whose setting is missing. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting} is not set: {reason}")]
pub struct NotConfigured {
    setting: &'static str,
    reason: &'static str,
}

impl NotConfigured {
    /// Creates the error for a missing `setting`; `reason` says why it has no default.
    pub const fn new(setting: &'static str, reason: &'static str) -> Self {
        Self { setting, reason }
    }

    /// Name of the missing setting.
    pub const fn setting(&self) -> &'static str {
        self.setting
    }
}

/// Result of a call whose outcome is unknown: no reply, or one that can't be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// No reply came; the request may have been sent.
    #[error(transparent)]
    NoReply(#[from] TransportError),
    /// The reply is neither an answer nor a refusal; the request was sent.
    #[error(transparent)]
    BadReply(#[from] BadReply),
}

/// Kind of a [`Failure`], under the name that programs in any language see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `invalid_request`: the request is invalid; nothing was sent.
    InvalidRequest,
    /// `config`: a setting is missing or wrong, or a store is [unusable](StoreErrorKind::Unusable); nothing was sent.
    Config,
    /// `store`: the token store is [unavailable](StoreErrorKind::Unavailable); nothing was sent, and the call may be
    /// made again.
    Store,
    /// `refused`: the vendor refused the request.
    Refused,
    /// `not_delivered`: the vendor can't be reached, or a limit is used up; provably nothing was sent.
    NotDelivered,
    /// `no_reply`: no reply came to a call that may be made again.
    NoReply,
    /// `undecodable`: the reply is not an answer of the vendor.
    Undecodable,
    /// `unknown_outcome`: the call may have had its effect, or had it and its answer is lost.
    UnknownOutcome,
}

impl ErrorKind {
    /// Returns the name that programs in any language see.
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

/// Effect of a call that has no answer, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing was sent.
    NotSent,
    /// The vendor refused the call.
    Refused,
    /// The request was sent or may have been, without an answer. Making the call again does no harm.
    Unanswered,
    /// The call may have had its effect, or may have used up its input, such as a code.
    Unknown,
}

impl CallError {
    /// Creates the error of a call to `operation`, without an HTTP status or a hint.
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

    /// Adds a hint that tells the caller what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        Arc::make_mut(&mut self.0).hint = Some(hint.into());
        self
    }

    /// The operation that failed: the one that was called, or the token fetch before it.
    pub fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// The vendor that was called.
    pub fn vendor(&self) -> Vendor {
        self.0.operation.vendor
    }

    /// The failure, to be matched on.
    pub fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// HTTP status of the reply, if one came.
    pub fn http_status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Wait that the server asks for in the reply's `Retry-After`, if any.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.retry_after
    }

    /// Hint that tells the caller what to do, if there is one.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The vendor's refusal, if the failure is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.0.failure {
            Failure::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Kind of the failure.
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

    /// Effect of the call, as far as it is known.
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

    /// Returns true where the same call may succeed if it is made again unchanged, and does no harm.
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
