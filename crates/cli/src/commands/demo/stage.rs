//! The demo's stage: a sandbox, both clients, and the partner's side of the push.

use std::sync::Arc;

use weifen::config::Sources;
use weifen::fensi::Fensi;
use weifen::sandbox::Sandbox;
use weifen::transport::Transport;
use weifen::weiting::Weiting;

use super::push_side::PushSide;
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
    pub(super) pushes: PushSide,
}

impl Stage {
    /// Starts a sandbox and configures both clients for it, with a user's settings.
    pub(super) async fn set(globals: &Globals) -> Result<Self, Failure> {
        let pushes = PushSide::start().await?;
        let sandbox = Sandbox::builder().push_url(pushes.url()).start().await;
        let sandbox = sandbox.map_err(|error| Failure::config(&error))?;
        let ready = sandbox.ready();
        let sources = Sources::new()
            .set("weiting.base_url", ready.weiting_base_url)
            .set("weiting.appid", ready.appid)
            .set("weiting.secret", ready.secret)
            .set("weiting.user_path", ready.user_path)
            .set("weiting.token_store", "memory")
            .set("fensi.base_url", ready.fensi_base_url)
            .set("fensi.develop_appid", ready.develop_appid)
            .set("fensi.app_secret", ready.app_secret)
            .set("fensi.key", ready.key);
        let clients = Clients::from(sources, globals)?;
        Ok(Self {
            weiting: clients.weiting()?,
            fensi: clients.fensi_with(Arc::new(pushes.inbox().clone()))?,
            transport: clients.transport(qr::IMAGE_CAP)?,
            sandbox,
            pushes,
        })
    }
}
