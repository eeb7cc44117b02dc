//! A client that sends any bytes, and reads answers.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing takes so long; without it a fault would be a hang.
pub(super) const HANGS: Duration = Duration::from_secs(60);

pub(super) struct Connection {
    pub(super) stream: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Without its date.
    pub(super) head: String,
    pub(super) body: String,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), read: Vec::new() }
    }

    /// Connects and sends before a server of this thread can do anything.
    pub(super) fn open_with(address: SocketAddr, bytes: &[u8]) -> Self {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(bytes).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream: TcpStream::from_std(stream).unwrap(), read: Vec::new() }
    }

    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(HANGS, self.stream.write_all(bytes.as_ref())).await.unwrap().unwrap();
    }

    pub(super) async fn post(&mut self, target: &str, body: &str) -> Answer {
        self.post_with(target, "", body).await
    }

    /// `headers`: lines that each end in CRLF.
    pub(super) async fn post_with(&mut self, target: &str, headers: &str, body: &str) -> Answer {
        self.send(post(target, headers, body)).await;
        self.answer().await
    }

    pub(super) async fn get(&mut self, target: &str) -> Answer {
        self.send(format!("GET {target} HTTP/1.1\r\nhost: h\r\n\r\n")).await;
        self.answer().await
    }

    /// The next answer.
    pub(super) async fn answer(&mut self) -> Answer {
        loop {
            if let Some(end) = position(&self.read, b"\r\n\r\n") {
                let head = String::from_utf8(self.read[..end].to_vec()).unwrap().to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length = length.map_or(0, |length| length.parse().unwrap());
                if self.read.len() >= end + 4 + length {
                    let rest = self.read.split_off(end + 4 + length);
                    let body = String::from_utf8(self.read[end + 4..].to_vec()).unwrap();
                    self.read = rest;
                    return Answer::new(&head, body);
                }
            }
            assert!(self.more().await, "the connection ended in {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// Waits until the server has closed the connection, and returns what it said before.
    pub(super) async fn end(mut self) -> Vec<u8> {
        while self.more().await {}
        self.read
    }

    async fn more(&mut self) -> bool {
        timeout(HANGS, self.stream.read_buf(&mut self.read)).await.unwrap().is_ok_and(|read| read > 0)
    }
}

impl Answer {
    fn new(head: &str, body: String) -> Self {
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let head = head.lines().filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\n");
        Self { status, head, body }
    }
}

pub(super) fn post(target: &str, headers: &str, body: &str) -> String {
    format!("POST {target} HTTP/1.1\r\nhost: h\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
