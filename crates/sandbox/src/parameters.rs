//! The parameters of a call, however they came: query, urlencoded form, multipart form or JSON, merged.

use std::convert::Infallible;

use bytes::Bytes;
use http::{header::CONTENT_TYPE, request::Parts};
use http_body_util::{BodyDataStream, Full};
use serde_json::{Map, Value};

use crate::body::Unreadable;

/// What PHP's `trim` takes off.
const PHP_SPACE: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\x0B'];

#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) query: Map<String, Value>,
    /// Query and body merged; where both have a name, the body wins, as in PHP.
    pub(crate) parameters: Map<String, Value>,
    pub(crate) encoding: Option<&'static str>,
}

impl Call {
    pub(crate) async fn read(head: &Parts, body: Bytes) -> Result<Self, Unreadable> {
        let query = pairs(head.uri.query().unwrap_or_default().as_bytes());
        let content_type = head
            .headers
            .get(CONTENT_TYPE)
            .map_or(&[][..], |value| value.as_bytes());
        let content_type = String::from_utf8_lossy(content_type);
        let (encoding, fields) = if body.is_empty() {
            (None, Map::new())
        } else {
            decode(&content_type, body).await?
        };
        let mut parameters = query.clone();
        parameters.extend(fields);
        Ok(Self {
            path: head.uri.path().to_owned(),
            query,
            parameters,
            encoding,
        })
    }

    /// A parameter of the query alone; `None` when absent or empty.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        text(self.query.get(name)?).filter(|text| !text.is_empty())
    }

    /// A parameter, wherever it came from; `None` when absent or empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        text(self.parameters.get(name)?).filter(|text| !text.is_empty())
    }

    /// A parameter as PHP's middleware hands it on: white space taken off, and `None` for what is empty then (observed).
    pub(crate) fn trimmed(&self, name: &str) -> Option<String> {
        let text = text(self.parameters.get(name)?)?;
        Some(text.trim_matches(PHP_SPACE).to_owned()).filter(|text| !text.is_empty())
    }
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

async fn decode(
    content_type: &str,
    body: Bytes,
) -> Result<(Option<&'static str>, Map<String, Value>), Unreadable> {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "application/x-www-form-urlencoded" => Ok((Some("form"), pairs(&body))),
        "multipart/form-data" => Ok((Some("multipart"), multipart(content_type, body).await?)),
        json if json.contains("/json") || json.contains("+json") => {
            Ok((Some("json"), json_object(&body)?))
        }
        _ => Ok((Some("unread"), Map::new())),
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
        Err(error) => Err(Unreadable::bad(format!("the body is no JSON: {error}"))),
    }
}

async fn multipart(content_type: &str, body: Bytes) -> Result<Map<String, Value>, Unreadable> {
    let broken =
        |error: multer::Error| Unreadable::bad(format!("the multipart body is broken: {error}"));
    let boundary = multer::parse_boundary(content_type).map_err(broken)?;
    let stream = BodyDataStream::new(Full::<Bytes>::new(body));
    let mut form = multer::Multipart::new::<_, _, Infallible, _>(stream, boundary);
    let mut fields = Map::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().map(str::to_owned);
        let value = field.bytes().await.map_err(broken)?;
        if let Some(name) = name {
            fields.insert(
                name,
                Value::String(String::from_utf8_lossy(&value).into_owned()),
            );
        }
    }
    Ok(fields)
}
