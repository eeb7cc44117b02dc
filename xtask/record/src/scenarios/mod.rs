//! The recorded scenarios. The clients' tests include these files by path, and play them against the cassettes.

pub(crate) mod fensi;
pub(crate) mod weiting;
