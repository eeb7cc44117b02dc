//! An inbox in this process with a receiver, an admin port and a dispatcher, driven through many failures.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use secrecy::{SecretSlice, SecretString};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use weifen::fensi::AuthOpenId;
use weifen::inbox::{
    Admin, Booking, Bookings, Database, DispatchPolicy, Dispatcher, Handler, HttpServer, Inbox, Intake, PushSecrets,
    Receiver, Rules, ServerLimits, Webhook,
};
use weifen::transport::ReqwestTransport;

use crate::calls::{push, pushes};
use crate::canary::Secret;
use crate::capture::Capture;
use crate::vendor::{Manner, Vendor};

pub(super) struct InboxSite {
    _folder: TempDir,
    pub(super) database: Database,
    pub(super) inbox: Inbox,
    pub(super) intake: Intake,
    pub(super) server: HttpServer,
    admin: HttpServer,
}

impl InboxSite {
    pub(super) async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = Database::sqlite(folder.path().join("inbox.db"));
        let inbox = Inbox::open(&database).await?;
        let intake = inbox.receiving(Rules::new("a-developer").keys(["a-key"]));
        let secrets = PushSecrets::new([SecretString::from(Secret::PushSecret.value())])?;
        let receiver = Receiver::new(intake.clone(), secrets);
        let server = receiver.serve(listener().await?, ServerLimits::default());
        let admin = Admin::new(inbox.clone()).listen(server.local_addr()).router();
        let admin = HttpServer::start(listener().await?, admin, ServerLimits::default());
        Ok(Self { _folder: folder, database, inbox, intake, server, admin })
    }

    /// Books a push of `user`, so that it is delivered.
    pub(super) async fn book(&self, user: &str) -> Result<()> {
        let user: AuthOpenId = user.parse()?;
        let booking = Booking::new("a-developer", user, "a-key", "wx-account", Duration::from_secs(600));
        let booking = booking.state(Secret::PushState.value()).reference(Secret::Reference.value().parse()?);
        Ok(self.inbox.book(&booking).await?)
    }

    /// Pushes `body` to `target`, and returns the answer as received.
    pub(super) async fn push_to(&self, target: String, body: Vec<u8>) -> Result<String> {
        exchange(self.server.local_addr(), "POST", target, body).await
    }

    pub(super) async fn push(&self, body: String) -> Result<String> {
        self.push_to(format!("/push/{}", Secret::PushSecret.value()), body.into_bytes()).await
    }

    /// Returns a page of the admin port.
    pub(super) async fn page(&self, target: &str) -> Result<String> {
        exchange(self.admin.local_addr(), "GET", target.to_owned(), Vec::new()).await
    }

    /// Dispatches events to `handler`, with short pauses and two attempts at most.
    pub(super) fn dispatch(&self, handler: Arc<dyn Handler>) -> Result<Dispatcher> {
        let policy =
            DispatchPolicy { max_attempts: 2, backoff_base: Duration::from_millis(1), ..DispatchPolicy::default() };
        Ok(Dispatcher::builder(&self.inbox, handler).policy(policy).start()?)
    }

    /// Waits until nothing is left to deliver.
    pub(super) async fn until_settled(&self) -> Result<()> {
        for _ in 0..2000 {
            let metrics = self.inbox.metrics().await?;
            if metrics.lines().any(|line| line == "weifen_inbox_pending 0") {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("events stay pending")
    }

    /// Sends valid and invalid pushes, with webhooks that accept and refuse them, and adds the answers.
    pub(super) async fn live(&self, capture: &mut Capture) -> Result<()> {
        for (target, body) in pushes() {
            capture.add("an answer to a push", self.push_to(target, body).await?);
        }
        for &manner in Manner::all() {
            let vendor = Vendor::start(manner, true)?;
            let user = format!("user-{manner:?}");
            self.book(&user).await?;
            self.push(push(&user)).await?;
            let dispatcher = self.dispatch(webhook(&format!("{}/{}", vendor.url(), Secret::DeliverUrl.parts()[0]))?)?;
            self.until_settled().await?;
            dispatcher.stop(Duration::from_secs(5)).await;
            capture.signatures.extend(vendor.signatures());
        }
        Ok(())
    }
}

async fn listener() -> Result<TcpListener> {
    Ok(TcpListener::bind("127.0.0.1:0").await?)
}

fn webhook(url: &str) -> Result<Arc<dyn Handler>> {
    let transport = ReqwestTransport::builder().timeout(Duration::from_millis(300)).build()?;
    let key = SecretSlice::from(Secret::DeliverSecret.value().into_bytes());
    Ok(Arc::new(Webhook::new(url, key, Arc::new(transport))?))
}

async fn exchange(address: SocketAddr, method: &'static str, target: String, body: Vec<u8>) -> Result<String> {
    spawn_blocking(move || ask(address, method, &target, &body)).await.context("the asking thread broke")?
}

/// Sends a request on a connection of its own, and reads until the other side closes it.
pub(super) fn ask(address: SocketAddr, method: &str, target: &str, body: &[u8]) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let length = body.len();
    write!(stream, "{method} {target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")?;
    // A server that refuses early does not read the rest.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
