//! Reasons to refuse a request, and their answers.

use axum::http::header::{ALLOW, CONNECTION, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

/// Reason to refuse a request. The answer has no body: its sender learns the status alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its sender may not push, or is not known.
    NotAllowed,
    /// There is nothing at its path.
    NotFound,
    /// Its secret is right, but its method is not one of a push.
    OtherMethod,
    /// Its body is compressed.
    Compressed,
    /// Its body is too large.
    TooLarge,
    /// Its body came too slowly.
    Late,
    /// Its body broke off, or is no HTTP.
    Broken,
    /// It would be held or quarantined, and its sender has reached its cap of such pushes.
    TooMany,
    /// It was not stored, or may not have been.
    NotStored,
}

impl Refusal {
    /// Returns true where its sender may not push, or does not know the secret.
    pub(super) fn is_of_a_stranger(self) -> bool {
        matches!(self, Self::NotAllowed | Self::NotFound)
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::OtherMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Compressed => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::NotStored => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn header(self) -> Option<(HeaderName, &'static str)> {
        match self {
            Self::OtherMethod => Some((ALLOW, "GET, HEAD, POST")),
            // A stranger's connection is not kept.
            Self::NotAllowed | Self::NotFound | Self::Late => Some((CONNECTION, "close")),
            Self::TooMany => Some((RETRY_AFTER, "60")),
            Self::NotStored => Some((RETRY_AFTER, "1")),
            _ => None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self.header() {
            Some(header) => (self.status(), [header]).into_response(),
            None => self.status().into_response(),
        }
    }
}
