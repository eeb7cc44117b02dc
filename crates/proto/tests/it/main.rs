//! Decoding of the vendors' payloads, and the parameters of requests.

#![expect(clippy::disallowed_methods, reason = "the fixtures are files")]

mod advice;
mod any_answer;
mod any_callback;
mod any_push;
mod broken_text;
mod drift;
mod fensi;
mod fixtures;
mod hostile;
mod json;
mod named;
mod numbers;
mod redaction;
mod requests;
mod weiting;
mod well_shaped;
