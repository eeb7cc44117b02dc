//! The parameters of a call, however they came: query, urlencoded form, multipart form or JSON, merged.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Method, header::CONTENT_TYPE, request::Parts};
use http_body_util::{BodyDataStream, Full};
use serde_json::{Map, Value};

use super::body::Unreadable;
use crate::vendor::Vendor;

/// The characters that PHP's `trim` takes off.
const PHP_SPACE: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\x0B'];

/// The encoding of a body that was not read.
const UNREAD: Option<&str> = Some("unread");

#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) query: Map<String, Value>,
    /// Query and body merged; where both have a name, the body wins, as in PHP.
    pub(crate) parameters: Map<String, Value>,
    pub(crate) encoding: Option<&'static str>,
    /// The reason why a body counts as empty.
    pub(crate) unread: Option<String>,
}

impl Call {
    /// Reads a call as the vendor's server does. To PHP a body that can't be read is empty, and so is a form in a GET
    /// (observed); an Express server answers 400 to the former (assumed).
    pub(crate) async fn read(vendor: Vendor, head: &Parts, body: Bytes) -> Result<Self, Unreadable> {
        let query = pairs(head.uri.query().unwrap_or_default().as_bytes());
        let content_type = head.headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        let content_type = String::from_utf8_lossy(content_type);
        let (encoding, fields) =
            if body.is_empty() { (None, Ok(Map::new())) } else { decode(&content_type, body).await };
        let is_form = matches!(encoding, Some("form" | "multipart"));
        let (encoding, fields, unread) = match (vendor, fields) {
            (Vendor::Fensi, Ok(_)) if is_form && head.method == Method::GET => {
                (UNREAD, Map::new(), Some("a form in the body of a GET is not read".to_owned()))
            }
            (Vendor::Fensi, Err(unreadable)) => (UNREAD, Map::new(), Some(unreadable.reason)),
            (Vendor::Weiting, Err(unreadable)) => return Err(unreadable),
            (_, Ok(fields)) => (encoding, fields, None),
        };
        let mut parameters = query.clone();
        parameters.extend(fields);
        Ok(Self { path: head.uri.path().to_owned(), query, parameters, encoding, unread })
    }

    /// A parameter of the query alone; `None` when absent or empty.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        text(self.query.get(name)?).filter(|text| !text.is_empty())
    }

    /// A parameter, wherever it came from; `None` when absent or empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        text(self.parameters.get(name)?).filter(|text| !text.is_empty())
    }

    /// A parameter as PHP's middleware hands it on: white space taken off, and `None` for what is empty then
    /// (observed).
    pub(crate) fn trimmed(&self, name: &str) -> Option<String> {
        trimmed(self.parameters.get(name)?)
    }

    /// The same, out of the query where that has the name: so PHP's middleware reads what is signed (observed).
    pub(crate) fn trimmed_query_first(&self, name: &str) -> Option<String> {
        trimmed(self.query.get(name).or_else(|| self.parameters.get(name))?)
    }
}

fn trimmed(value: &Value) -> Option<String> {
    Some(text(value)?.trim_matches(PHP_SPACE).to_owned()).filter(|text| !text.is_empty())
}

/// A scalar as text; lists and objects are no text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(u8::from(*flag).to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

async fn decode(content_type: &str, body: Bytes) -> (Option<&'static str>, Result<Map<String, Value>, Unreadable>) {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/x-www-form-urlencoded" => (Some("form"), Ok(pairs(&body))),
        "multipart/form-data" => (Some("multipart"), multipart(content_type, body).await),
        json if json.contains("/json") || json.contains("+json") => (Some("json"), json_object(&body)),
        _ => (UNREAD, Ok(Map::new())),
    }
}

fn pairs(encoded: &[u8]) -> Map<String, Value> {
    form_urlencoded::parse(encoded)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

fn json_object(body: &[u8]) -> Result<Map<String, Value>, Unreadable> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Unreadable::bad("the JSON body is not an object")),
        Err(error) => Err(Unreadable::bad(format!("the body is not JSON: {error}"))),
    }
}

async fn multipart(content_type: &str, body: Bytes) -> Result<Map<String, Value>, Unreadable> {
    let broken = |error: multer::Error| Unreadable::bad(format!("the multipart body is broken: {error}"));
    let boundary = multer::parse_boundary(content_type).map_err(broken)?;
    let stream = BodyDataStream::new(Full::<Bytes>::new(body));
    let mut form = multer::Multipart::new::<_, _, Infallible, _>(stream, boundary);
    let mut fields = Map::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().map(str::to_owned);
        let value = field.bytes().await.map_err(broken)?;
        if let Some(name) = name {
            fields.insert(name, Value::String(String::from_utf8_lossy(&value).into_owned()));
        }
    }
    Ok(fields)
}
