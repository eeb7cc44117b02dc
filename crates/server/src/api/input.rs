//! What a request brings, from path, query and body to the operation's own type. The schema that the OpenAPI document
//! shows is what it is checked by, so that all faults are told at once.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::RawPathParams;
use axum::extract::rejection::RawPathParamsRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use weifen::inbox::HttpServer;

use super::fault::Fault;
use super::problem::{Kind, Problem};
use super::schema::Schema;
use super::{check, json};

/// Bytes of the longest body.
const CAP: usize = 1 << 20;

/// Fault of a parameter.
const NOT_UTF_8: &str = "is not UTF-8 when decoded";

/// Time after which a client whose body came too late may send it again.
const AGAIN: Duration = Duration::from_secs(1);

/// The schemas of an operation's request: of its parameters in path and query, and of its body where it reads one.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) parameters: Schema,
    pub(super) body: Option<Schema>,
}

impl Expected {
    /// Reads a request, and finds all that is wrong with it. Returns its fields as well, without those that have their
    /// default.
    pub(super) async fn read<R: DeserializeOwned>(
        &self,
        head: &Parts,
        path: Result<RawPathParams, RawPathParamsRejection>,
        body: Body,
    ) -> Result<(R, Value), Problem> {
        let path = path.map_err(|_| Problem::invalid(vec![Fault::of_parameter("path", NOT_UTF_8)]))?;
        let (mut given, mut faults) = self.in_address(head, &path);
        check::object(&self.parameters, &mut given, Fault::of_parameter, &mut faults);
        if let Some(schema) = &self.body {
            let mut fields = fields(&head.headers, &whole(body).await?, &mut faults)?;
            check::object(schema, &mut fields, Fault::in_body, &mut faults);
            given.extend(fields);
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let request = serde_json::from_value(Value::Object(given.clone())).map_err(|error| {
            tracing::error!(%error, "a request matches its schema but cannot be read");
            Problem::internal()
        })?;
        let schemas = || [Some(&self.parameters), self.body.as_ref()].into_iter().flatten();
        given.retain(|name, value| {
            schemas().filter_map(|schema| schema.field(name)).all(|field| field.get("default") != Some(value))
        });
        Ok((request, Value::Object(given)))
    }

    /// The parameters of path and query, each of the type that the schema asks for where its text can be that.
    fn in_address(&self, head: &Parts, path: &RawPathParams) -> (Map<String, Value>, Vec<Fault>) {
        let query = head.uri.query().unwrap_or_default();
        let (mut given, mut faults) = (Map::new(), Vec::new());
        for parameter in query.split('&').filter(|parameter| percent_decode_str(parameter).decode_utf8().is_err()) {
            let name = form_urlencoded::parse(parameter.as_bytes()).map(|(name, _)| name).next();
            faults.push(Fault::of_parameter(&name.unwrap_or_default(), NOT_UTF_8));
        }
        let query = form_urlencoded::parse(query.as_bytes()).into_owned();
        let path = path.iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
        for (name, text) in path.chain(query) {
            let value = self.parameters.of_text(&name, text);
            if given.contains_key(&name) {
                faults.push(Fault::of_parameter(&name, "is given twice"));
            } else {
                given.insert(name, value);
            }
        }
        (given, faults)
    }
}

/// The whole body.
async fn whole(body: Body) -> Result<Bytes, Problem> {
    if body.size_hint().lower() <= CAP as u64 {
        match Limited::new(body, CAP).collect().await {
            Ok(whole) => return Ok(whole.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {}
            Err(error) if HttpServer::timed_out(&*error) => {
                let problem = Problem::new(Kind::InvalidRequest, "the body did not arrive in time");
                return Err(problem.with_status(StatusCode::REQUEST_TIMEOUT).retryable_after(AGAIN));
            }
            Err(_) => return Err(Fault::of_body("is incomplete, or its chunks are malformed").into()),
        }
    }
    let problem = Problem::new(Kind::InvalidRequest, format!("the body is longer than {CAP} bytes"));
    Err(problem.with_status(StatusCode::PAYLOAD_TOO_LARGE))
}

/// The fields of the object in a body. PHP writes an empty one as `[]`.
fn fields(headers: &HeaderMap, body: &[u8], faults: &mut Vec<Fault>) -> Result<Map<String, Value>, Problem> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    if HttpServer::compressed(headers) {
        return Err(unsupported("the body is compressed", "send the body uncompressed, without Content-Encoding"));
    }
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media != "application/json" && !(media.starts_with("application/") && media.ends_with("+json")) {
        return Err(unsupported("the Content-Type is not JSON", "send `Content-Type: application/json`"));
    }
    match json::read(body, faults)? {
        Value::Object(object) => Ok(object),
        Value::Array(items) if items.is_empty() => Ok(Map::new()),
        _ => Err(Fault::of_body("expected a JSON object").into()),
    }
}

fn unsupported(detail: &str, hint: &str) -> Problem {
    Problem::new(Kind::InvalidRequest, detail).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE).with_hint(hint)
}
