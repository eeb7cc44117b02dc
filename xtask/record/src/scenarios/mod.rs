//! What is recorded. The clients' tests take these files in by their paths, and play them against the cassettes.

pub(crate) mod fensi;
pub(crate) mod weiting;
