//! The OpenAPI document, from the operations themselves.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::OPERATIONS;
use super::fault::Fault;
use super::idempotency::HEADER;
use super::operation::{Entry, Header, Key, Method};
use super::problem::ProblemDocument;
use super::schema::{Schema, types};

/// Statuses of the problems that any operation can have.
const OF_ALL: [StatusCode; 5] = [
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
];

/// Those of them that only a request with a key can have.
const OF_KEYS: [StatusCode; 3] = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];

/// Status of the problems that only a call with an `Idempotency-Key` can have.
const OF_KEYED_CALLS: StatusCode = StatusCode::CONFLICT;

/// Statuses of the problems that a body can have.
const OF_BODIES: [StatusCode; 3] =
    [StatusCode::REQUEST_TIMEOUT, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::UNSUPPORTED_MEDIA_TYPE];

/// Statuses of the problems that may name a time after which to repeat the request.
const WITH_RETRY_AFTER: [StatusCode; 7] = [
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::CONFLICT,
    StatusCode::UNPROCESSABLE_ENTITY,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

/// Statuses of the problems that are stored under an `Idempotency-Key`, and answered again.
const REPLAYED: [StatusCode; 3] =
    [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::GATEWAY_TIMEOUT];

/// The API as an OpenAPI 3.1 document: the one that a server gives at `/v1/openapi.json`.
pub fn openapi() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut schemas = BTreeMap::from([of_type::<ProblemDocument>(), of_type::<Fault>()]);
    for entry in OPERATIONS {
        let method = if entry.route.method == Method::Get { "get" } else { "post" };
        paths.entry(entry.route.path).or_default().insert(method.to_owned(), operation(&entry, &mut schemas));
    }
    paths.insert("/healthz", keyless("healthz", "Report that the server runs"));
    paths.insert("/v1/openapi.json", keyless("openapi", "Return this document"));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "weifen",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "微厅 (weiting) and 粉丝万岁 (fensi) for programs in any language. \
                Answers may gain fields; a request with an unknown field is refused.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "http://127.0.0.1:8322", "description": "This machine, as the example of api.listen has it" }],
        "security": [{ "key": [] }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": problems(),
            "headers": {
                "Request-Id": {
                    "description": "The request's number in the server's log.",
                    "schema": { "type": "string" },
                },
                "Idempotency-Replayed": {
                    "description": "`true`: this is the stored answer to an earlier request with the same \
                        `Idempotency-Key`; nothing was sent.",
                    "schema": { "type": "string" },
                },
                "Retry-After": {
                    "description": "Seconds after which the same request may be sent again.",
                    "schema": { "type": "integer", "minimum": 1 },
                },
            },
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "The key of one of `[[api.callers]]`." },
            },
        },
    })
}

fn tags() -> Value {
    json!([
        { "name": "weiting", "description": "微厅." },
        { "name": "fensi", "description": "粉丝万岁." },
        { "name": "bookings", "description": "Booked QR codes and their status." },
        { "name": "deliveries", "description": "Events for programs that claim them, instead of deliveries to \
            `serve.deliver_url`." },
        { "name": "events", "description": "Stored pushes and their deliveries." },
        { "name": "quarantine", "description": "Pushes that are not ours or not readable." },
        { "name": "calls", "description": "Calls that were made with an `Idempotency-Key`, and their outcomes." },
        { "name": "server", "description": "The server itself." },
    ])
}

fn of_type<T: ToSchema>() -> (String, Value) {
    (T::name().into_owned(), json!(T::schema()))
}

fn operation(entry: &Entry, schemas: &mut BTreeMap<String, Value>) -> Value {
    let route = entry.route;
    let expected = (entry.expected)();
    schemas.extend((entry.schemas)());
    let mut operation = json!({
        "operationId": route.id,
        "tags": [route.path.split('/').nth(2)],
        "summary": route.summary,
    });
    let mut statuses = [&OF_ALL[..], route.problems].concat();
    if let Some(scope) = route.scope {
        operation["description"] = json!(format!("Needs the scope `{}`.", scope.as_str()));
    } else {
        operation["description"] = json!("Needs no key.");
        operation["security"] = json!([]);
        statuses.retain(|status| !OF_KEYS.contains(status));
    }
    let mut parameters: Vec<_> = expected
        .parameters
        .fields()
        .map(|(name, schema)| {
            let place = if route.is_in_path(name) { "path" } else { "query" };
            parameter(name, place, expected.parameters.needs(name), schema)
        })
        .collect();
    if entry.key != Key::Unused {
        parameters.push(key(entry.key));
        statuses.push(OF_KEYED_CALLS);
    }
    parameters.extend(entry.header.map(header));
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if let Some(body) = &expected.body {
        statuses.extend(OF_BODIES);
        if body.fields().next().is_some() {
            operation["requestBody"] = request_body(&(entry.request_name)(), body, schemas);
        }
    }
    let mut responses = Map::from_iter([("200".to_owned(), answer(entry))]);
    for status in statuses {
        responses
            .insert(status.as_str().to_owned(), json!({ "$ref": format!("#/components/responses/{}", name(status)) }));
    }
    operation["responses"] = Value::Object(responses);
    operation
}

fn parameter(name: &str, place: &str, is_needed: bool, schema: &Value) -> Value {
    let mut schema = schema.clone();
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    // An address has no null: a parameter that is not given is absent.
    if let [only] = types(&schema)[..] {
        schema["type"] = json!(only);
    }
    json!({ "name": name, "in": place, "required": is_needed, "description": description, "schema": schema })
}

/// The header of a call that must not be made twice.
fn key(key: Key) -> Value {
    json!({
        "name": HEADER,
        "in": "header",
        "required": key == Key::Needed,
        "description": "Your own name for the call, such as the order's number. A repeated request with the same key \
            sends nothing again and gets the same answer.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 130, "pattern": "^[!-~]+$" },
    })
}

fn header(header: Header) -> Value {
    json!({
        "name": header.name,
        "in": "header",
        "required": false,
        "description": header.description,
        "schema": { "type": "string" },
    })
}

fn request_body(name: &str, schema: &Schema, schemas: &mut BTreeMap<String, Value>) -> Value {
    schemas.insert(name.to_owned(), schema.as_json());
    let is_needed = schema.required().next().is_some() || schema.bounds().0.is_some();
    json!({ "required": is_needed, "content": { "application/json": { "schema": reference(name) } } })
}

fn answer(entry: &Entry) -> Value {
    let mut answer = json!({
        "description": "Done.",
        "headers": { "Request-Id": { "$ref": "#/components/headers/Request-Id" } },
        "content": { entry.media: { "schema": reference(&(entry.answer_name)()) } },
    });
    if entry.key != Key::Unused {
        answer["headers"]["Idempotency-Replayed"] = json!({ "$ref": "#/components/headers/Idempotency-Replayed" });
    }
    answer
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A path that needs no key.
fn keyless(id: &str, summary: &str) -> Map<String, Value> {
    let get = json!({
        "operationId": id,
        "tags": ["server"],
        "summary": summary,
        "description": "Needs no key.",
        "security": [],
        "responses": {
            "200": {
                "description": "Done.",
                "headers": { "Request-Id": { "$ref": "#/components/headers/Request-Id" } },
                "content": { "application/json": { "schema": { "type": "object" } } },
            },
        },
    });
    Map::from_iter([("get".to_owned(), get)])
}

/// The name of a status among the responses.
fn name(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or_default().replace([' ', '-'], "")
}

/// Every problem's response, by the name of its status.
fn problems() -> Map<String, Value> {
    let of_operations = OPERATIONS.iter().flat_map(|entry| entry.route.problems);
    let all = OF_ALL.iter().chain(&OF_BODIES).chain([&OF_KEYED_CALLS]).chain(of_operations);
    all.map(|status| {
        let mut response = json!({
            "description": meaning(*status),
            "headers": { "Request-Id": { "$ref": "#/components/headers/Request-Id" } },
            "content": { "application/problem+json": { "schema": reference(&ProblemDocument::name()) } },
        });
        if WITH_RETRY_AFTER.contains(status) {
            response["headers"]["Retry-After"] = json!({ "$ref": "#/components/headers/Retry-After" });
        }
        if REPLAYED.contains(status) {
            response["headers"]["Idempotency-Replayed"] =
                json!({ "$ref": "#/components/headers/Idempotency-Replayed" });
        }
        (name(*status), response)
    })
    .collect()
}

/// The kinds of problems with a status, and their meaning.
fn meaning(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => {
            "`invalid_request`: `errors` lists all faults. `key_required`: the call needs an `Idempotency-Key`. \
            Nothing was sent to a vendor."
        }
        401 => "`unauthorized`: no key was sent, or an unknown one.",
        403 => "`forbidden`: the caller lacks the operation's scope.",
        404 => "`not_found`: nothing has this id or path.",
        408 => "`invalid_request`: the body did not arrive in time. Nothing was done.",
        413 => "`invalid_request`: the body is longer than 1 MiB.",
        415 => "`invalid_request`: the Content-Type is not JSON, or the body is compressed.",
        409 => {
            "`key_in_use`: the first request with this `Idempotency-Key` is still running. `key_expired`: a call was \
             made with this key and had this `outcome`; its answer is no longer stored. Nothing was sent. \
             `overtaken`: the call ended too late for its end to be stored."
        }
        422 => {
            "`refused`: the vendor refused the call, with `code` and `message`. `key_reused`: the `Idempotency-Key` \
             belongs to another request; nothing was sent."
        }
        429 => "`rate_limited`: the caller has exceeded its rate.",
        501 => "`config`: this server lacks a setting that the operation needs.",
        502 => "`undecodable`: the vendor's reply is not an answer. The call may be repeated.",
        503 => {
            "`not_delivered`: provably the call had no effect. `store`: the token store or the database is unavailable."
        }
        504 => {
            "`no_reply`: the vendor did not answer; the call may be repeated. `unknown_outcome` or \
            `undecodable`: the call may have had its effect."
        }
        _ => "`internal`: the server failed.",
    }
}
