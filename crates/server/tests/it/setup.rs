//! A configuration in a folder of its own, and a client of the server.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use weifen_server::Running;
use weifen_server::weifen::Config;
use weifen_server::weifen::config::Sources;
use weifen_server::weifen::inbox::Status;

pub(crate) const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// Longer than anything here takes.
pub(crate) const HANGS: Duration = Duration::from_secs(30);

pub(crate) struct Setup(TempDir);

impl Setup {
    pub(crate) fn new() -> Self {
        let setup = Self(tempfile::tempdir().unwrap());
        std::fs::write(setup.path("push-secret"), format!("{SECRET}\n")).unwrap();
        setup
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// All that a server needs, and these keys of `[serve]` in TOML.
    pub(crate) fn config(&self, serve: &str) -> Config {
        let text = format!(
            "[fensi]\ndevelop_appid = 'fs-appid'\nkey = 'fs-key'\n[serve]\nlisten = '127.0.0.1:0'\n\
             admin_listen = '127.0.0.1:0'\npush_secret_file = 'push-secret'\ndatabase = 'sqlite:inbox.db'\n{serve}"
        );
        Sources::new().toml(self.path("weifen.toml"), text).load().unwrap()
    }
}

/// The documented push of a user's follow.
pub(crate) fn push(user: &str) -> String {
    format!(
        r#"{{"key":"fs-key","develop_appid":"fs-appid","bidding":3,"auth_open_id":"{user}","appid":"wx","nickname":"",}}"#
    )
}

/// The status of the answer to a push.
pub(crate) async fn pushed(running: &Running, body: &str) -> u16 {
    answer(running, body).await.split(' ').nth(1).unwrap().parse().unwrap()
}

/// All that comes back to a push.
pub(crate) async fn answer(running: &Running, body: &str) -> String {
    let request = format!("POST /push/{SECRET} HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\n", body.len());
    exchange(running.push_address().expect("pushes are taken"), &format!("{request}connection: close\r\n\r\n{body}"))
        .await
}

/// The body of a page for operators.
pub(crate) async fn page(running: &Running, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    exchange(running.admin_address(), &request).await.split_once("\r\n\r\n").unwrap().1.to_owned()
}

async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = String::new();
    // A server may close the connection before it has read anything.
    if stream.write_all(request.as_bytes()).await.is_ok() {
        let _ = stream.read_to_string(&mut answer).await;
    }
    answer
}

/// Waits until the only event is in this state.
pub(crate) async fn until(running: &Running, status: Status) {
    let begun = Instant::now();
    loop {
        let events = running.inbox().events(None, 0).await.unwrap();
        if let [event] = events.as_slice()
            && event.status == status
        {
            return;
        }
        assert!(begun.elapsed() < HANGS, "not {status:?}: {events:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
