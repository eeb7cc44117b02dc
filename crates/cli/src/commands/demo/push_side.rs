//! The partner's side of the push: the server that `weifen serve` runs, with a handler of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, mpsc};
use weifen::config::Sources;
use weifen::inbox::{FollowEvent, Handler, HandlerError, IdempotencyKey, Inbox};
use weifen::sandbox::test_data;
use weifen_server::{Running, Server};

use crate::failure::Failure;
use crate::temporary_place::TemporaryPlace;

/// Timeout for the delivery of a push.
const TIME: Duration = Duration::from_secs(5);

type Delivered = (FollowEvent, IdempotencyKey);

#[derive(Debug)]
pub(super) struct PushSide {
    running: Running,
    delivered: Mutex<mpsc::UnboundedReceiver<Delivered>>,
    url: String,
    _place: TemporaryPlace,
}

impl PushSide {
    pub(super) async fn start() -> Result<Self, Failure> {
        let place = TemporaryPlace::make()?;
        let config = place
            .settings(Sources::new())
            .set("fensi.develop_appid", test_data::DEVELOP_APPID)
            .set("fensi.key", test_data::KEY)
            .set("serve.listen", "127.0.0.1:0")
            .set("serve.admin_listen", "127.0.0.1:0")
            .set("serve.drain_s", "0")
            .load()?;
        let (handed_out, delivered) = mpsc::unbounded_channel();
        let running = Server::builder(config.clone()).handler(Arc::new(HandingOut(handed_out))).start().await?;
        let secret = config.serve.push_secrets()?.swap_remove(0);
        let address =
            running.push_address().ok_or_else(|| Failure::internal("a server with a push secret takes no pushes"))?;
        let url = format!("http://{address}/push/{}", secret.expose_secret());
        Ok(Self { running, delivered: Mutex::new(delivered), url, _place: place })
    }

    /// The URL for pushes.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn inbox(&self) -> &Inbox {
        self.running.inbox()
    }

    /// Waits for the next delivered event.
    pub(super) async fn next(&self) -> Option<Delivered> {
        let mut delivered = self.delivered.lock().await;
        tokio::time::timeout(TIME, delivered.recv()).await.ok().flatten()
    }

    pub(super) async fn stop(self) {
        self.running.drain().await;
    }
}

/// A handler that takes every event: a machine would hand out goods here.
#[derive(Debug)]
struct HandingOut(mpsc::UnboundedSender<Delivered>);

#[async_trait]
impl Handler for HandingOut {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError> {
        // It fails only if the play is over.
        let _ = self.0.send((event.clone(), key.clone()));
        Ok(())
    }
}
