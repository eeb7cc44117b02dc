//! A request and its reply as a cassette keeps them: relative to the base URL, and readable.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::json::Json;
use crate::BaseUrl;

/// One request and its reply.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub(super) request: Request,
    pub(super) reply: Reply,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    #[serde(deserialize_with = "method")]
    pub(super) method: String,
    pub(super) path: String,
    /// Decoded, in order.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Headers,
    pub(super) body: Body,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    #[serde(deserialize_with = "status")]
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Body,
}

/// The headers that matter to either side; no other is kept.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Headers {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "header")]
    pub(super) accept: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "content-type", deserialize_with = "header")]
    pub(super) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "header")]
    pub(super) location: Option<String>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Body {
    Empty,
    Json(Json),
    Form(Vec<(String, String)>),
    Text(String),
    /// Bytes that are not UTF-8.
    Hex(#[serde(deserialize_with = "hexadecimal")] String),
    /// Stands for a whole body that is neither JSON nor a form.
    Replaced(Replaced),
}

/// Remains of a body that was replaced whole.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Replaced {
    kind: BodyKind,
    /// Length in bytes, rounded up to a power of two.
    up_to_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BodyKind {
    Blank,
    Markup,
    Text,
    Bytes,
}

/// Precision with which a body is kept.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fidelity {
    /// Every byte.
    Exact,
    /// The decoded content; white space, escapes and the notation of numbers are dropped.
    Decoded,
}

impl Request {
    /// Reads a request. `base_path`, the base URL's path, is left out.
    pub(super) fn of(request: &http::Request<Bytes>, base_path: &str, fidelity: Fidelity) -> Self {
        let path = request.uri().path();
        let headers = Headers::of(request.headers());
        Self {
            method: request.method().to_string(),
            path: path.strip_prefix(base_path).filter(|rest| rest.starts_with('/')).unwrap_or(path).to_owned(),
            query: pairs(request.uri().query().unwrap_or_default().as_bytes()),
            body: Body::of(headers.is_form(), request.body(), fidelity),
            headers,
        }
    }

    /// Writes one line for each part that can differ.
    pub(super) fn lines(&self) -> String {
        let mut lines = vec![format!("{} {}", self.method, plain(&self.path))];
        lines.extend(self.query.iter().map(|(name, value)| format!("query {} = {}", plain(name), quoted(value))));
        lines.extend(self.headers.iter().map(|(name, value)| format!("header {name} = {}", quoted(value))));
        match &self.body {
            Body::Empty => {}
            Body::Form(pairs) => {
                lines.extend(pairs.iter().map(|(name, value)| format!("form {} = {}", plain(name), quoted(value))));
            }
            Body::Json(Json::Object(members)) => {
                lines.extend(members.iter().map(|(name, value)| format!("json {} = {}", plain(name), value.compact())));
            }
            Body::Json(json) => lines.push(format!("json {}", json.compact())),
            Body::Text(text) => lines.extend(text.split('\n').map(|line| format!("text {}", quoted(line)))),
            Body::Hex(hex) => lines.push(format!("bytes {hex}")),
            Body::Replaced(body) => lines.push(format!("body of up to {} bytes", body.up_to_bytes)),
        }
        lines.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

impl Reply {
    pub(super) fn of(reply: &http::Response<Bytes>, fidelity: Fidelity) -> Self {
        let mut headers = Headers::of(reply.headers());
        headers.accept = None;
        Self { status: reply.status().as_u16(), body: Body::of(headers.is_form(), reply.body(), fidelity), headers }
    }

    /// Builds the reply for a replay.
    pub(super) fn replayed(&self) -> http::Response<Bytes> {
        let mut reply = http::Response::new(self.body.bytes());
        *reply.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        let values = self.headers.iter().filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).ok()?))
        });
        reply.headers_mut().extend(values);
        reply
    }
}

impl Headers {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self { accept: text(ACCEPT), content_type: text(CONTENT_TYPE), location: text(LOCATION) }
    }

    fn iter(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let all = [("accept", &self.accept), ("content-type", &self.content_type), ("location", &self.location)];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }

    fn is_form(&self) -> bool {
        let essence = self.content_type.as_deref().and_then(|text| text.split(';').next()).unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }
}

impl Body {
    fn of(is_form: bool, bytes: &[u8], fidelity: Fidelity) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        let known = match fidelity {
            Fidelity::Exact if is_form => Some(Self::Form(pairs(bytes))).filter(|form| *form.bytes() == *bytes),
            Fidelity::Exact => Json::read_exactly(bytes).map(Self::Json),
            Fidelity::Decoded if is_form => Some(Self::Form(pairs(bytes))),
            Fidelity::Decoded => Json::read(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map(Self::Json),
        };
        known.unwrap_or_else(|| match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Hex(hex::encode(bytes)),
        })
    }

    fn bytes(&self) -> Bytes {
        match self {
            Self::Empty => Bytes::new(),
            Self::Json(json) => json.compact().into(),
            Self::Form(pairs) => form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into(),
            Self::Text(text) => text.clone().into(),
            Self::Hex(hex) => hex::decode(hex).unwrap_or_default().into(),
            Self::Replaced(body) => match body.kind {
                BodyKind::Blank => " ".into(),
                BodyKind::Markup => "<placeholder>".into(),
                BodyKind::Text => "placeholder".into(),
                BodyKind::Bytes => Bytes::from_static(b"\xff"),
            },
        }
    }

    /// Returns a body that keeps only its kind and its length, rounded up to a power of two.
    pub(super) fn replaced(&self) -> Self {
        let (kind, length) = match self {
            Self::Replaced(_) => return self.clone(),
            Self::Text(text) => (kind(text), text.len()),
            Self::Hex(hex) => (BodyKind::Bytes, hex.len() / 2),
            Self::Empty | Self::Json(_) | Self::Form(_) => (BodyKind::Text, self.bytes().len()),
        };
        Self::Replaced(Replaced { kind, up_to_bytes: length.next_power_of_two() })
    }
}

fn kind(text: &str) -> BodyKind {
    match text.trim_start() {
        "" => BodyKind::Blank,
        text if text.starts_with('<') => BodyKind::Markup,
        _ => BodyKind::Text,
    }
}

fn quoted(text: &str) -> String {
    Json::Text(text.to_owned()).compact()
}

/// Returns a name unquoted if it is plain, else quoted.
fn plain(name: &str) -> Cow<'_, str> {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "/_-.%".contains(c));
    if is_plain { Cow::Borrowed(name) } else { Cow::Owned(quoted(name)) }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Returns the path of a base URL, without a slash at its end.
pub(super) fn path_of(base: &BaseUrl) -> String {
    let after_scheme = base.as_str().split_once("://").map_or(base.as_str(), |(_, rest)| rest);
    after_scheme.find('/').map_or("", |at| &after_scheme[at..]).to_owned()
}

fn method<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match Method::from_bytes(text.as_bytes()) {
        Ok(_) => Ok(text),
        Err(_) => Err(D::Error::custom("the method is not an HTTP method")),
    }
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let number = u16::deserialize(deserializer)?;
    StatusCode::from_u16(number).map(|_| number).map_err(|_| D::Error::custom("the status is not an HTTP status"))
}

fn header<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    match text.as_ref().map(|text| HeaderValue::from_bytes(text.as_bytes())) {
        Some(Err(_)) => Err(D::Error::custom("the text is not a valid header value")),
        _ => Ok(text),
    }
}

fn hexadecimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    match hex::decode(&*text) {
        Ok(_) => Ok(text.into_owned()),
        Err(_) => Err(D::Error::custom("the bytes must be pairs of hexadecimal digits")),
    }
}
