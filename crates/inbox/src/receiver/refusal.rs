//! Why a request is not taken, and how it is told.

use axum::http::header::{ALLOW, CONNECTION, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

/// Why a request is not taken. Its answer has no body: whoever sent it learns no more than the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It comes from an address that may not push, or from one that is not known.
    NotAllowed,
    /// There is nothing at its path.
    NotFound,
    /// It came with a right secret, but by a method that no push comes by.
    OtherMethod,
    /// Its body is compressed.
    Compressed,
    /// Its body is too large.
    TooLarge,
    /// Its body came too slowly.
    Late,
    /// Its body ended too early, or is no HTTP.
    Broken,
    /// Nobody asked for it, and its sender has brought too much of that.
    TooMany,
    /// It could not be stored, or it is not known whether it was.
    NotStored,
}

impl Refusal {
    /// Whether what is left of its body is worth reading away.
    pub(super) fn leaves_a_body(self) -> bool {
        !matches!(self, Self::Late | Self::Broken | Self::TooMany | Self::NotStored)
    }

    /// Whether it was sent by someone who may not push, or does not know the secret.
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
            // A stranger's connection is worth no place.
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
