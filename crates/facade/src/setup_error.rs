//! The error of making clients, stores and transports from a configuration.

use std::path::PathBuf;

use weifen_transport::BuildError;

use crate::config::{ConfigError, Origin};

/// Error of making a client, a store or a transport from a configuration. Nothing was sent; correct the configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A key is missing or invalid, or a file that the configuration names can't be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The client rejects the value of a key.
    #[error("{origin}: {key}: {}", words(.source))]
    Value {
        /// The source of the value.
        origin: Origin,
        /// The key.
        key: String,
        /// The client's error.
        source: BuildError,
    },
    /// The client can't be built from the settings of its section.
    #[error("[{section}]: {source}")]
    Build {
        /// The section of the configuration.
        section: &'static str,
        /// The client's error.
        source: BuildError,
    },
    /// A value needs a feature of this crate that is off.
    #[error("{origin}: {key}: this program was built without weifen's feature `{feature}`, which the value needs")]
    Feature {
        /// The source of the value.
        origin: Origin,
        /// The key.
        key: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// The file of certificate authorities can't be read.
    #[error("http.ca_file: {} can't be read", .path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
}

/// Message of the client's error, without the client's own name of the key.
fn words(error: &BuildError) -> String {
    match error {
        BuildError::Setting(error) => error.problem().to_owned(),
        error => error.to_string(),
    }
}
