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
    /// The configuration lacks something, or a file that it names can't be used: correct it and start again.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The inbox can't be opened, or another server uses it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address cannot be listened on: another program uses it, or it does not belong to this machine.
    #[error("{key}: cannot listen on {address}")]
    Listen {
        /// `serve.listen`, `serve.admin_listen` or `api.listen`.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// The system's words.
        source: io::Error,
    },
    /// A push secret is too weak.
    #[error(transparent)]
    Secret(#[from] WeakSecret),
    /// Two callers of the API have the same key, so they could not be told apart.
    #[error("api.callers: {one} and {other} have the same key; give each caller its own key")]
    SharedKey {
        /// Name of one caller.
        one: String,
        /// Name of the other caller.
        other: String,
    },
    /// The URL or the secret of deliveries is invalid.
    #[error(transparent)]
    Webhook(#[from] InvalidWebhook),
    /// The configured delivery policy is invalid.
    #[error(transparent)]
    Policy(#[from] InvalidPolicy),
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Setup(error.into())
    }
}
