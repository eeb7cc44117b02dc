//! Encodes ordered parameters as a request.

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Request};
use serde::ser::{Serialize, SerializeMap};
use weifen_proto::{Encoding, InvalidRequest, Parameter, Parameters, Value};

use crate::BaseUrl;

/// Initial capacity in bytes, enough for most URLs and bodies.
const ROOM: usize = 512;

/// Maximum length of a URL in bytes: the most that [`http::Uri`] holds.
const LONGEST_URL: usize = u16::MAX as usize - 1;

/// Encodes `parameters` for `path` below `base`. `query` is percent-encoded into the query with any encoding.
///
/// # Errors
/// When a parameter is left to the configuration, which has no value for it; when `path` is not a path; or when the
/// URL would be longer than 65,534 bytes, where the error names the parameter that takes most of it.
pub fn encode(
    base: &BaseUrl,
    path: &str,
    encoding: Encoding,
    query: &[(&str, &str)],
    parameters: &Parameters<'_>,
) -> Result<Request<Bytes>, InvalidRequest> {
    if parameters.iter().any(|parameter| parameter.value == Value::Configured) {
        return Err(InvalidRequest::new(
            "parameters",
            "a parameter has no value in the request, and the client's configuration has none for it either",
        ));
    }
    let url = url(base, path, encoding, query, parameters);
    if url.len() > LONGEST_URL {
        return Err(too_long(encoding, query, parameters));
    }
    let (method, content_type, body) = match encoding {
        Encoding::Query => (Method::GET, None, Bytes::new()),
        Encoding::Form => (Method::POST, Some("application/x-www-form-urlencoded"), form(parameters)),
        Encoding::Json => (Method::POST, Some("application/json"), json(parameters)),
    };
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() =
        url.try_into().map_err(|_| InvalidRequest::new("path", "must be a URL path that begins with a slash"))?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(content_type) = content_type {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    Ok(request)
}

fn url(base: &BaseUrl, path: &str, encoding: Encoding, query: &[(&str, &str)], parameters: &Parameters<'_>) -> String {
    let mut url = String::with_capacity(ROOM);
    url.push_str(base.as_str());
    url.push_str(path);
    url.push('?');
    let begin = url.len();
    let mut pairs = Serializer::for_suffix(&mut url, begin);
    pairs.extend_pairs(query);
    if encoding == Encoding::Query {
        append(&mut pairs, parameters);
    }
    if url.len() == begin {
        url.pop();
    }
    url
}

/// Creates the error of a URL that is too long; it names the parameter that takes most of it.
fn too_long(encoding: Encoding, query: &[(&str, &str)], parameters: &Parameters<'_>) -> InvalidRequest {
    let texts = parameters.iter().filter_map(|Parameter { name, value }| match value {
        Value::Text(text) if encoding == Encoding::Query => Some((&**name, &**text)),
        _ => None,
    });
    let longest = query.iter().copied().chain(texts).max_by_key(|(_, text)| encoded_length(text));
    let name = longest.map_or("path", |(name, _)| name);
    InvalidRequest::named(
        name.to_owned(),
        "makes the URL longer than 65534 bytes, the maximum: shorten the value, or, if the encoding can be chosen, \
         send it in a body (json or form)",
    )
}

fn encoded_length(text: &str) -> usize {
    form_urlencoded::byte_serialize(text.as_bytes()).map(str::len).sum()
}

fn form(parameters: &Parameters<'_>) -> Bytes {
    let mut form = String::with_capacity(ROOM);
    append(&mut Serializer::new(&mut form), parameters);
    form.into()
}

fn append(pairs: &mut Serializer<'_, &mut String>, parameters: &Parameters<'_>) {
    for Parameter { name, value } in parameters.iter() {
        match value {
            Value::Text(text) => _ = pairs.append_pair(name, text),
            Value::Integer(integer) => _ = pairs.append_pair(name, &integer.to_string()),
            Value::Absent | Value::Configured => {}
        }
    }
}

fn json(parameters: &Parameters<'_>) -> Bytes {
    let mut json = Vec::with_capacity(ROOM);
    // Texts and integers with text names are always valid JSON.
    _ = serde_json::to_writer(&mut json, &Json(parameters));
    json.into()
}

/// Parameters as a JSON object, in order.
struct Json<'a>(&'a Parameters<'a>);

impl Serialize for Json<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
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
