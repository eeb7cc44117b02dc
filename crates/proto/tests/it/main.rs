//! What the vendors' payloads decode to, and what requests are made of.

#![expect(clippy::disallowed_methods, reason = "the fixtures are files")]

mod drift;
mod fensi;
mod fixtures;
mod hostile;
mod numbers;
mod redaction;
mod requests;
mod weiting;
