//! The HTTP side, tested with raw sockets, which can do what a well-behaved client would not.

mod address;
mod admin;
mod drain;
mod forms;
mod hostile;
mod http_server;
mod logs;
mod places;
mod secrets;
mod senders;
mod taking;
mod trouble;
mod wire;

use std::time::Duration;

use sqlx::{AnyConnection, Connection as _, Executor as _};
use tokio::net::TcpListener;
use tokio::time::timeout;
use weifen_inbox::{HttpServer, PushSecrets, Receiver, ServerLimits};

use self::wire::{Answer, Connection, HANGS};
use crate::support::{Folder, Receiving, rules};

/// 128 bits in base64url.
const SECRET: &str = "AbCdEfGhIjKlMnOpQrSt_-";
/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(3600);

/// An inbox, and a receiver of pushes for it.
struct Site {
    folder: Folder,
    inbox: Receiving,
    server: HttpServer,
}

impl Site {
    async fn new() -> Self {
        Self::with(|receiver| receiver, patient()).await
    }

    async fn with_limits(limits: ServerLimits) -> Self {
        Self::with(|receiver| receiver, limits).await
    }

    async fn with(set: impl FnOnce(Receiver) -> Receiver, limits: ServerLimits) -> Self {
        let folder = Folder::new();
        let inbox = folder.inbox().await;
        let server = set(receiver(&inbox)).serve(listener().await, limits);
        Self { folder, inbox, server }
    }

    async fn connect(&self) -> Connection {
        Connection::open(self.server.local_addr()).await
    }

    /// Sends a push on a connection of its own.
    async fn post(&self, body: &str) -> Answer {
        self.connect().await.post(&format!("/push/{SECRET}"), body).await
    }

    /// Opens the database as another program does.
    async fn looked_at_by_another(&self) -> Receiving {
        Receiving::open(&self.folder.database().existing(), rules()).await
    }

    async fn is_empty(&self) -> bool {
        let inbox = self.looked_at_by_another().await;
        inbox.events(None, 0).await.unwrap().is_empty() && inbox.quarantined(0).await.unwrap().is_empty()
    }

    /// Waits until so many pushes have reached the inbox.
    async fn until_received(&self, count: u64) {
        self.until("weifen_inbox_received_total", count).await;
    }

    /// Waits until the inbox has answered so many of them, stored or not.
    async fn until_answered(&self, count: u64) {
        self.until("weifen_inbox_store_seconds_count", count).await;
    }

    async fn until(&self, figure: &str, count: u64) {
        let reached = async {
            while counted(&self.inbox.metrics().await.unwrap(), figure) != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(HANGS, reached).await.unwrap_or_else(|_| panic!("{figure} is never {count}"));
    }

    /// Locks the database for writes, as another program may.
    async fn lock(&self) -> Lock {
        let url = format!("sqlite://{}", self.folder.path().display());
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        connection.execute("BEGIN EXCLUSIVE").await.unwrap();
        Lock(connection)
    }
}

struct Lock(AnyConnection);

impl Lock {
    async fn release(mut self) {
        self.0.execute("ROLLBACK").await.unwrap();
    }
}

/// Whoever is slow here is so because the machine is.
fn patient() -> ServerLimits {
    ServerLimits { header_time: LONG, body_time: LONG, ..ServerLimits::default() }
}

fn receiver(inbox: &Receiving) -> Receiver {
    Receiver::new(inbox.0.clone(), PushSecrets::new([SECRET.into()]).unwrap())
}

async fn serve(router: axum::Router, limits: ServerLimits) -> HttpServer {
    HttpServer::start(listener().await, router, limits)
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// A figure in a metrics text.
fn counted(metrics: &str, name: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{metrics}")).parse().unwrap()
}
