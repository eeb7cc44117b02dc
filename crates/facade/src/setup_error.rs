//! Why the configured clients could not be set up.

use std::path::PathBuf;

use weifen_transport::BuildError;

use crate::config::{ConfigError, Origin};

/// Why a configured client could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The configuration lacks something, or a file that it names can't be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The client doesn't take the value of a key.
    #[error("{origin}: {key}: {}", words(.source))]
    Value {
        /// Where the value was given.
        origin: Origin,
        /// The key.
        key: String,
        /// What the client says.
        source: BuildError,
    },
    /// The client can't be built from what its section says.
    #[error("[{section}]: {source}")]
    Build {
        /// The section of the configuration.
        section: &'static str,
        /// What the client says.
        source: BuildError,
    },
    /// A value needs a feature of this crate that is off.
    #[error("{origin}: {key}: this program is built without weifen's feature `{feature}`, which the value needs")]
    Feature {
        /// Where the value was given.
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
        /// What the operating system says.
        source: std::io::Error,
    },
}

/// What is wrong with a key's value, without the name by which the client knows the key.
fn words(error: &BuildError) -> String {
    match error {
        BuildError::Setting(error) => error.problem().to_owned(),
        error => error.to_string(),
    }
}
