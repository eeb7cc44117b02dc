//! The partner's side of the push, as `weifen serve` has it: a receiver, an inbox, and a handler of what is in it.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use weifen::fensi::{NonceSource, RandomNonces};
use weifen::inbox::{
    Database, Dispatcher, FollowEvent, Handler, HandlerError, IdempotencyKey, Inbox, PushSecrets, Receiver, Rules,
    Server, ServerLimits,
};
use weifen::sandbox::test_data;

use crate::failure::Failure;

/// How long a push may take to be delivered.
const TIME: Duration = Duration::from_secs(5);

type Delivered = (FollowEvent, IdempotencyKey);

#[derive(Debug)]
pub(super) struct PushSide {
    inbox: Inbox,
    server: Server,
    dispatcher: Dispatcher,
    delivered: Mutex<mpsc::UnboundedReceiver<Delivered>>,
    url: String,
    _folder: TempDir,
}

impl PushSide {
    pub(super) async fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|error| Failure::file("a temporary folder", &error))?;
        let rules = Rules::new(test_data::DEVELOP_APPID).keys([test_data::KEY]);
        let inbox = Inbox::open(&Database::sqlite(folder.path().join("inbox.db")), rules).await?;

        let secret = RandomNonces.nonce();
        let secrets = PushSecrets::new([secret.clone().into()]).map_err(|error| Failure::config(&error))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| Failure::config(&error))?;
        let server = Server::start(listener, Receiver::new(inbox.clone(), secrets).router(), ServerLimits::default());
        let url = format!("http://{}/push/{secret}", server.local_addr());

        let (handed_out, delivered) = mpsc::unbounded_channel();
        let dispatcher = Dispatcher::builder(&inbox, Arc::new(HandingOut(handed_out))).start();
        let dispatcher = dispatcher.map_err(|error| Failure::config(&error))?;
        Ok(Self { inbox, server, dispatcher, delivered: Mutex::new(delivered), url, _folder: folder })
    }

    /// Where pushes are to be sent.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// The next event that is delivered.
    pub(super) async fn next(&self) -> Option<Delivered> {
        let mut delivered = self.delivered.lock().await;
        tokio::time::timeout(TIME, delivered.recv()).await.ok().flatten()
    }

    pub(super) async fn stop(self) {
        self.server.stop(Duration::ZERO).await;
        self.dispatcher.stop(Duration::ZERO).await;
        self.inbox.close().await;
    }
}

/// Takes every event: here a machine would hand out its goods.
#[derive(Debug)]
struct HandingOut(mpsc::UnboundedSender<Delivered>);

#[async_trait]
impl Handler for HandingOut {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError> {
        // Nobody waits any more: the play is over.
        let _ = self.0.send((event.clone(), key.clone()));
        Ok(())
    }
}
