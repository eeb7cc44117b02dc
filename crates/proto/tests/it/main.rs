//! What the vendors' payloads decode to, and what requests are made of.

mod fensi;
mod fixtures;
mod hostile;
mod redaction;
mod requests;
mod weiting;
