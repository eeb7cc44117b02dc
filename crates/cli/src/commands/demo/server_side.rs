//! The partner's side: the server that `weifen serve` runs, with a handler of its own and the HTTP API.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, mpsc};
use weifen::config::Sources;
use weifen::inbox::{FollowEvent, Handler, HandlerError, IdempotencyKey, Inbox};
use weifen_server::{Running, Server};

use crate::failure::Failure;
use crate::temporary_place::TemporaryPlace;

/// Timeout for the delivery of a push.
const TIME: Duration = Duration::from_secs(5);

type Delivered = (FollowEvent, IdempotencyKey);

#[derive(Debug)]
pub(super) struct ServerSide {
    running: Running,
    delivered: Mutex<mpsc::UnboundedReceiver<Delivered>>,
    push_url: String,
    api_url: String,
    api_key: String,
    _place: TemporaryPlace,
}

impl ServerSide {
    /// Starts the server with the vendors that `sources` name.
    pub(super) async fn start(sources: Sources) -> Result<Self, Failure> {
        let place = TemporaryPlace::make()?;
        let (key_file, api_key) = place.api_key()?;
        let config = place
            .settings(sources)
            .set("serve.listen", "127.0.0.1:0")
            .set("serve.admin_listen", "127.0.0.1:0")
            .set("serve.drain_s", "0")
            .set("api.listen", "127.0.0.1:0")
            .only_caller("demo", key_file.display().to_string())
            .load()?;
        let (handed_out, delivered) = mpsc::unbounded_channel();
        let running = Server::builder(config.clone()).handler(Arc::new(HandingOut(handed_out))).start().await?;
        let secret = config.serve.push_secrets()?.swap_remove(0);
        let addresses = running.push_address().zip(running.api_address());
        let (pushes, api) = addresses.ok_or_else(|| Failure::internal("the server lacks a listener that is set up"))?;
        let (push_url, api_url) = (format!("http://{pushes}/push/{}", secret.expose_secret()), format!("http://{api}"));
        Ok(Self { running, delivered: Mutex::new(delivered), push_url, api_url, api_key, _place: place })
    }

    /// The URL for pushes.
    pub(super) fn push_url(&self) -> &str {
        &self.push_url
    }

    /// The root of the HTTP API.
    pub(super) fn api_url(&self) -> &str {
        &self.api_url
    }

    /// The key of the only caller of the HTTP API.
    pub(super) fn api_key(&self) -> &str {
        &self.api_key
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
