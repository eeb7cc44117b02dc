//! Why a server does not start.

use std::io;
use std::net::SocketAddr;

use weifen::SetupError;
use weifen::config::ConfigError;
use weifen::inbox::{InvalidPolicy, InvalidWebhook, OpenError, WeakSecret};

/// The reason why a server does not start. Nothing runs then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration lacks something, or a file that it names can't be used: mend it and start again.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The inbox can't be opened, or another server has it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The system does not give the address to listen on: another program has it, or it is none of this machine's.
    #[error("{key} {address}")]
    Listen {
        /// `serve.listen`, `serve.admin_listen` or `api.listen`.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// The system's words.
        source: io::Error,
    },
    /// A push secret can be guessed.
    #[error(transparent)]
    Secret(#[from] WeakSecret),
    /// Two callers of the API have the same key, so that none of the two would be known.
    #[error("api.callers: {one} and {other} have the same key; give each a key of its own")]
    SharedKey {
        /// The name of the one.
        one: String,
        /// The name of the other.
        other: String,
    },
    /// Events can't be posted as configured.
    #[error(transparent)]
    Webhook(#[from] InvalidWebhook),
    /// Events can't be handed out as configured.
    #[error(transparent)]
    Policy(#[from] InvalidPolicy),
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Setup(error.into())
    }
}
