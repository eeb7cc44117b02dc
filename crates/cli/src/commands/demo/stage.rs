//! The demo's stage: a sandbox, both clients, and the partner's server.

use std::sync::Arc;

use weifen::config::Sources;
use weifen::fensi::Fensi;
use weifen::sandbox::Sandbox;
use weifen::transport::Transport;
use weifen::weiting::Weiting;

use super::server_side::ServerSide;
use crate::arguments::Globals;
use crate::clients::Clients;
use crate::commands::sandbox::settings;
use crate::failure::Failure;
use crate::qr;

/// The parts that the steps use.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    pub(super) weiting: Weiting,
    pub(super) fensi: Fensi,
    /// Transport of the browser and of the QR code's image.
    pub(super) transport: Arc<dyn Transport>,
    pub(super) server: ServerSide,
}

impl Stage {
    /// Starts a sandbox and configures both clients for it, with a user's settings.
    pub(super) async fn set(globals: &Globals) -> Result<Self, Failure> {
        let sandbox = Sandbox::start().await.map_err(|error| Failure::config(&error))?;
        let server = ServerSide::start(settings(Sources::new(), &sandbox.ready())).await?;
        sandbox.set_push_url(Some(server.push_url())).map_err(|error| Failure::config(&error))?;
        let clients = Clients::from(settings(Sources::new(), &sandbox.ready()), globals)?;
        Ok(Self {
            weiting: clients.weiting()?,
            fensi: clients.fensi_with(Arc::new(server.inbox().clone()))?,
            transport: clients.transport(qr::IMAGE_CAP)?,
            sandbox,
            server,
        })
    }
}
