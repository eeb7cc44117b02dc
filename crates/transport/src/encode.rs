//! From ordered parameters to the request that carries them.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request};
use serde::ser::{Serialize, SerializeMap, Serializer};
use weifen_proto::{Encoding, InvalidRequest, Parameter, Parameters, Value};

use crate::BaseUrl;

/// Encodes `parameters` for `path` below `base`. `query` goes into the query whatever the encoding, percent-encoded.
///
/// # Errors
/// When a parameter is left to a configuration that has no value for it, or `path` is no path.
pub fn encode(
    base: &BaseUrl,
    path: &str,
    encoding: Encoding,
    query: &[(&str, &str)],
    parameters: &Parameters<'_>,
) -> Result<Request<Bytes>, InvalidRequest> {
    if parameters.iter().any(|parameter| parameter.value == Value::Configured) {
        return Err(InvalidRequest::new("parameters", "one is left to the client's configuration, which has none"));
    }
    let mut uri = format!("{}{path}", base.as_str());
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(query);
    if encoding == Encoding::Query {
        append(&mut pairs, parameters);
    }
    let pairs = pairs.finish();
    if !pairs.is_empty() {
        uri.push('?');
        uri.push_str(&pairs);
    }
    let request = Request::builder().uri(uri).header(ACCEPT, "application/json");
    let request = match encoding {
        Encoding::Query => request.method(Method::GET).body(Bytes::new()),
        Encoding::Form => request
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(parameters).into()),
        Encoding::Json => request
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/json")
            .body(serde_json::to_vec(&Json(parameters)).unwrap_or_default().into()),
    };
    request.map_err(|_| InvalidRequest::new("path", "must be a URL's path, beginning with a slash"))
}

fn form(parameters: &Parameters<'_>) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    append(&mut pairs, parameters);
    pairs.finish()
}

fn append(pairs: &mut form_urlencoded::Serializer<'_, String>, parameters: &Parameters<'_>) {
    for Parameter { name, value } in parameters.iter() {
        match value {
            Value::Text(text) => _ = pairs.append_pair(name, text),
            Value::Integer(integer) => _ = pairs.append_pair(name, &integer.to_string()),
            Value::Absent | Value::Configured => {}
        }
    }
}

/// Parameters as a JSON object, in their order.
struct Json<'a>(&'a Parameters<'a>);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for Parameter { name, value } in self.0.iter() {
            match value {
                Value::Text(text) => object.serialize_entry(name, text)?,
                Value::Integer(integer) => object.serialize_entry(name, integer)?,
                Value::Absent | Value::Configured => {}
            }
        }
        object.end()
    }
}
