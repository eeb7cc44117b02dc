//! The demo's stage: a sandbox, both clients, and the partner's server.

use std::sync::Arc;

use weifen::config::Sources;
use weifen::fensi::Fensi;
use weifen::sandbox::{Ready, Sandbox};
use weifen::transport::Transport;
use weifen::weiting::Weiting;

use super::server_side::ServerSide;
use crate::arguments::Globals;
use crate::clients::Clients;
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
        let server = ServerSide::start(vendors(sandbox.ready())).await?;
        sandbox.set_push_url(Some(server.push_url())).map_err(|error| Failure::config(&error))?;
        let clients = Clients::from(vendors(sandbox.ready()), globals)?;
        Ok(Self {
            weiting: clients.weiting()?,
            fensi: clients.fensi_with(Arc::new(server.inbox().clone()))?,
            transport: clients.transport(qr::IMAGE_CAP)?,
            sandbox,
            server,
        })
    }
}

/// The settings of a program whose vendors are the sandbox.
fn vendors(sandbox: Ready) -> Sources {
    Sources::new()
        .set("weiting.base_url", sandbox.weiting_base_url)
        .set("weiting.appid", sandbox.appid)
        .set("weiting.secret", sandbox.secret)
        .set("weiting.user_path", sandbox.user_path)
        .set("weiting.token_store", "memory")
        .set("fensi.base_url", sandbox.fensi_base_url)
        .set("fensi.develop_appid", sandbox.develop_appid)
        .set("fensi.app_secret", sandbox.app_secret)
        .set("fensi.key", sandbox.key)
}
