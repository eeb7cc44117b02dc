//! What an answer says that is none: `application/problem+json` (RFC 9457), and the one table of its kinds.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use weifen::SetupError;
use weifen::config::ConfigError;
use weifen::journal::Outcome;
use weifen::proto::{RefusalKind, Repeat};
use weifen::transport::{self, CallError, ErrorKind, Failure, StoreError, StoreErrorKind, in_words};

use super::fault::Fault;

/// The media type of a problem.
pub(super) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request was not done.
#[derive(Debug)]
pub(super) struct Problem(Box<ProblemDocument>);

/// Why a request was not done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemDocument {
    /// `about:blank`: `kind` tells problems apart.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The problem in words, for people.
    detail: String,
    /// The problem for programs. More may come: take an unknown one for its status.
    kind: &'static str,
    /// The vendor that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<&'static str>,
    /// The operation that failed: the one that was called, or the fetch of the token before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    /// The code with which the vendor refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    /// The vendor's words beside its code, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Whether the same request may be sent again and will be tried again.
    retryable: bool,
    /// What may be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// All that is wrong with the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Fault>,
    /// What became of the call, where its answer is kept no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip)]
    retry_after: Option<Duration>,
    /// What has become of the call, as far as it is known.
    #[serde(skip)]
    end: Outcome,
}

/// What went wrong, under the names that programs see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    InvalidRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    /// A call that must not be made twice came without a key.
    KeyRequired,
    /// The first request under the key is under way.
    KeyInUse,
    /// The call ended too late: its key has become unknown, or was used again.
    Overtaken,
    /// The answer under the key is kept no longer.
    KeyExpired,
    /// The key stands for another request.
    KeyReused,
    RateLimited,
    Internal,
    /// That of a call to a vendor, and whether it may have had an effect.
    Call(ErrorKind, transport::Outcome),
    /// Something is not set up here.
    Config,
    /// The inbox's database is unavailable.
    Store,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::KeyRequired => "key_required",
            Self::KeyInUse => "key_in_use",
            Self::Overtaken => "overtaken",
            Self::KeyExpired => "key_expired",
            Self::KeyReused => "key_reused",
            Self::RateLimited => "rate_limited",
            Self::Internal => "internal",
            Self::Config => ErrorKind::Config.as_str(),
            Self::Store => ErrorKind::Store.as_str(),
            Self::Call(kind, _) => kind.as_str(),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest | Self::KeyRequired | Self::Call(ErrorKind::InvalidRequest, _) => {
                StatusCode::BAD_REQUEST
            }
            Self::KeyInUse | Self::Overtaken | Self::KeyExpired => StatusCode::CONFLICT,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Config | Self::Call(ErrorKind::Config, _) => StatusCode::NOT_IMPLEMENTED,
            Self::KeyReused | Self::Call(ErrorKind::Refused, _) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store | Self::Call(ErrorKind::NotDelivered | ErrorKind::Store, _) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Call(ErrorKind::Undecodable, transport::Outcome::Unanswered) => StatusCode::BAD_GATEWAY,
            Self::Call(ErrorKind::Undecodable | ErrorKind::NoReply | ErrorKind::UnknownOutcome, _) => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Self::Internal | Self::Call(..) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let document = ProblemDocument {
            r#type: "about:blank",
            title: "",
            status: 0,
            detail: detail.into(),
            kind: kind.as_str(),
            vendor: None,
            operation: None,
            code: None,
            message: None,
            retryable: false,
            hint: None,
            errors: Vec::new(),
            outcome: None,
            retry_after: None,
            end: if matches!(kind, Kind::Internal) { Outcome::Unknown } else { Outcome::Free },
        };
        Self(Box::new(document)).with_status(kind.status())
    }

    /// The request is wrong in these places.
    pub(super) fn invalid(mut errors: Vec<Fault>) -> Self {
        let mut places = HashSet::new();
        errors.retain(|fault| places.insert(fault.place()));
        let detail = match errors.as_slice() {
            [only] => only.to_string(),
            all => format!("{} faults in the request", all.len()),
        };
        let mut problem = Self::new(Kind::InvalidRequest, detail);
        problem.0.errors = errors;
        problem
    }

    /// A fault of ours.
    pub(super) fn internal() -> Self {
        Self::new(Kind::Internal, "internal error; the server's log says more under this answer's Request-Id")
    }

    /// The same problem with a status of its own.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = status.as_u16();
        self.0.title = status.canonical_reason().unwrap_or_default();
        self
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// A call that was made before had this outcome.
    pub(super) fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = Some(outcome.as_str());
        self
    }

    /// What has become of the call, as far as it is known. Before it was sent, it is free.
    pub(super) fn end(&self) -> Outcome {
        self.0.end
    }

    pub(super) fn status(&self) -> u16 {
        self.0.status
    }

    /// The body.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The vendor gave what must be booked, and it could not be: without a key, a repeat would ask the vendor again.
    pub(super) fn not_booked(error: StoreError) -> Self {
        let mut problem = Self::from(error);
        (problem.0.retryable, problem.0.retry_after) = (false, None);
        problem.with_hint(
            "the vendor gave a QR code, which is withheld because its booking could not be saved: a repeat, with or \
             without a key, asks the vendor for another one; with an Idempotency-Key in the first request the server \
             saves the booking later, and a repeat gets that code",
        )
    }

    /// The end of a call could not be written yet.
    pub(super) fn not_written(error: &StoreError) -> Self {
        tracing::error!(error = in_words(error), "could not save the outcome of a call; weifen retries");
        Self::new(Kind::Store, "cannot save the outcome of the call: the database is unavailable, locked or full")
            .retryable_after(Duration::from_secs(1))
    }

    /// The same request may be sent again, after this time.
    pub(super) fn retryable_after(mut self, wait: Duration) -> Self {
        self.0.retryable = true;
        self.0.retry_after = Some(wait);
        self
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::invalid(vec![fault])
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        let report = error.report();
        let (refusal, now) = (error.refusal(), SystemTime::now());
        let errors = match error.failure() {
            Failure::InvalidRequest(invalid) => vec![Fault::from(invalid.clone())],
            _ => Vec::new(),
        };
        let withheld = match error.failure() {
            Failure::Withheld(withheld) => withheld.until().duration_since(now).ok(),
            _ => None,
        };
        let mut problem = Self::new(Kind::Call(error.kind(), error.outcome()), in_words(&error));
        let document = &mut problem.0;
        if document.status >= StatusCode::INTERNAL_SERVER_ERROR.as_u16() {
            tracing::warn!(
                operation = report.operation,
                kind = document.kind,
                error = document.detail,
                "a call failed"
            );
        }
        document.vendor = Some(report.vendor);
        document.operation = Some(report.operation);
        document.code = report.code;
        document.message = refusal.map(|refusal| refusal.message().to_owned());
        document.retryable = report.retryable;
        document.hint = report.hint;
        document.errors = errors;
        document.end = end(&error);
        document.retry_after = withheld.or_else(|| error.retry_after().map(|asked| asked.wait(now)));
        problem
    }
}

/// What has become of the call that was asked for, where this error ended it.
fn end(error: &CallError) -> Outcome {
    match error.outcome() {
        // The fetch of the token failed, or the call was refused for its token: it had no effect.
        _ if error.operation().repeat == Repeat::Counted => Outcome::Free,
        _ if error.refusal().is_some_and(|refusal| refusal.kind() == RefusalKind::TokenRejected) => Outcome::Free,
        transport::Outcome::NotSent | transport::Outcome::Unanswered => Outcome::Free,
        transport::Outcome::Refused if error.is_retryable() => Outcome::Free,
        transport::Outcome::Refused => Outcome::Refused,
        transport::Outcome::Unknown => Outcome::Unknown,
    }
}

/// Words about the database may name its host and file: the log has them.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = in_words(&error), "the inbox can't be used");
        match error.kind() {
            StoreErrorKind::Unavailable => {
                Self::new(Kind::Store, "the inbox's database is unavailable, locked or full")
                    .retryable_after(Duration::from_secs(1))
            }
            _ => Self::internal(),
        }
    }
}

impl From<SetupError> for Problem {
    fn from(error: SetupError) -> Self {
        let problem = Self::new(Kind::Config, in_words(&error));
        match error {
            SetupError::Config(ConfigError::NotSet { .. }) => {
                problem.with_hint("this server lacks a setting that the operation needs")
            }
            _ => problem,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(CONTENT_TYPE, PROBLEM_JSON)], self.json()).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.0.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
