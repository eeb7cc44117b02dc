//! The partner's side of the push: takes one POST on loopback, answers it, hands on its body.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How long a push may take to arrive.
const TIME: Duration = Duration::from_secs(5);
/// Bytes of a push and of its head, each.
const CAP: u64 = 64 * 1024;

#[derive(Debug)]
pub(super) struct PushListener {
    listener: TcpListener,
    address: SocketAddr,
}

impl PushListener {
    pub(super) async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where pushes are to be sent.
    pub(super) fn url(&self) -> String {
        format!("http://{}/push", self.address)
    }

    /// The body of the next push, which is answered before this returns.
    pub(super) async fn next(&self) -> io::Result<Vec<u8>> {
        let received = async {
            let (stream, _) = self.listener.accept().await?;
            receive(stream).await
        };
        tokio::time::timeout(TIME, received).await.map_err(|_| io::Error::other("no push arrived"))?
    }
}

async fn receive(mut stream: TcpStream) -> io::Result<Vec<u8>> {
    let (read, mut write) = stream.split();
    let mut head = BufReader::new(read.take(CAP));
    let mut length = 0;
    loop {
        let mut line = String::new();
        head.read_line(&mut line).await?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = Vec::new();
    head.take(length).read_to_end(&mut body).await?;
    write.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await?;
    write.shutdown().await?;
    Ok(body)
}
