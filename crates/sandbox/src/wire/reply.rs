//! The reply to the caller of an operation.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::body::Unreadable;

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    content: Content,
    /// The reason of a refusal, for the log alone.
    pub(crate) why: Option<String>,
}

#[derive(Debug, Clone)]
enum Content {
    Json(Value),
    Html(String),
    Png(Vec<u8>),
    Location(HeaderValue),
}

impl Reply {
    pub(crate) fn json(answer: Value) -> Self {
        Self { status: StatusCode::OK, content: Content::Json(answer), why: None }
    }

    /// A refusal by the vendor: HTTP 200 as well. `why` goes to the log alone.
    pub(crate) fn refusal(answer: Value, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..Self::json(answer) }
    }

    pub(crate) fn html(page: String) -> Self {
        Self { status: StatusCode::OK, content: Content::Html(page), why: None }
    }

    pub(crate) fn png(image: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, content: Content::Png(image), why: None }
    }

    pub(crate) fn redirect(location: HeaderValue) -> Self {
        Self { status: StatusCode::FOUND, content: Content::Location(location), why: None }
    }

    /// An answer that no vendor gives: the request itself makes no sense here.
    pub(crate) fn error(status: StatusCode, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { status, content: Content::Json(json!({ "error": reason })), why: Some(reason) }
    }

    /// The answer's JSON, if it is any.
    pub(crate) fn answer(&self) -> Option<&Value> {
        match &self.content {
            Content::Json(answer) => Some(answer),
            _ => None,
        }
    }

    pub(crate) fn body(&self) -> Bytes {
        match &self.content {
            Content::Json(answer) => answer.to_string().into(),
            Content::Html(page) => page.clone().into(),
            Content::Png(image) => image.clone().into(),
            Content::Location(_) => Bytes::new(),
        }
    }

    /// Its content type, or the place that it leads to.
    fn header(&self) -> (HeaderName, HeaderValue) {
        let content_type = match &self.content {
            Content::Location(to) => return (header::LOCATION, to.clone()),
            Content::Json(_) => "application/json; charset=utf-8",
            Content::Html(_) => "text/html; charset=utf-8",
            Content::Png(_) => "image/png",
        };
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// The answer as the log shows it: pages and images in short.
    pub(crate) fn logged(&self) -> Value {
        match &self.content {
            Content::Json(answer) => answer.clone(),
            Content::Html(page) => json!({ "html_bytes": page.len() }),
            Content::Png(image) => json!({ "png_bytes": image.len() }),
            Content::Location(to) => json!({ "location": String::from_utf8_lossy(to.as_bytes()) }),
        }
    }
}

impl From<Unreadable> for Reply {
    fn from(unreadable: Unreadable) -> Self {
        Self::error(unreadable.status, unreadable.reason)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let body = self.body();
        (self.status, [self.header()], body).into_response()
    }
}
