//! Why the configured clients could not be set up.

use std::path::PathBuf;

use weifen_transport::BuildError;

use crate::config::ConfigError;

/// Why a configured client could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The configuration lacks something, or a file that it names can't be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The client doesn't take what the configuration says.
    #[error("[{section}]: {source}")]
    Build {
        /// The section of the configuration.
        section: &'static str,
        /// What the client says.
        source: BuildError,
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
