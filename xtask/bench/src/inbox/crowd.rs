//! The load: kept connections with one push at a time each, over raw sockets, so that it takes little of the machine.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::push;
use crate::http_message::length;

/// Result of a turn.
pub(super) struct Turn {
    pub(super) pushes_per_second: f64,
    pub(super) p99: Duration,
}

pub(super) struct Crowd {
    connections: Vec<TcpStream>,
}

impl Crowd {
    pub(super) async fn connect(address: SocketAddr, connections: usize) -> Result<Self> {
        let mut connected = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            connected.push(stream);
        }
        Ok(Self { connections: connected })
    }

    /// Sends `pushes` pushes, one for each user from `first` on, and waits for all acknowledgements.
    pub(super) async fn push(self, first: u64, pushes: u64) -> Result<Turn> {
        let crowd = self.connections.len() as u64;
        let began = Instant::now();
        let mut callers = JoinSet::new();
        for (place, stream) in (0..).zip(self.connections) {
            let users = (first + place..first + pushes).step_by(usize::try_from(crowd)?);
            callers.spawn(converse(stream, users));
        }
        let mut waits = Vec::with_capacity(usize::try_from(pushes)?);
        while let Some(done) = callers.join_next().await {
            waits.extend(done??);
        }
        let seconds = began.elapsed().as_secs_f64();
        waits.sort_unstable();
        let p99 = waits.get(waits.len() * 99 / 100).copied().context("a turn without a push")?;
        #[expect(clippy::cast_precision_loss, reason = "so many pushes no turn has")]
        Ok(Turn { pushes_per_second: pushes as f64 / seconds, p99 })
    }
}

async fn converse(mut stream: TcpStream, users: impl Iterator<Item = u64>) -> Result<Vec<Duration>> {
    let mut waits = Vec::new();
    let mut received = Vec::with_capacity(1024);
    for user in users {
        let sent = Instant::now();
        stream.write_all(push::request(user).as_bytes()).await?;
        received.clear();
        while length(&received).is_none_or(|length| received.len() < length) {
            ensure!(stream.read_buf(&mut received).await? > 0, "the receiver hung up");
        }
        ensure!(received.starts_with(b"HTTP/1.1 200 "), "not acknowledged: {}", String::from_utf8_lossy(&received));
        waits.push(sent.elapsed());
    }
    Ok(waits)
}

/// Lets the receiver book the accounts of the next pushes.
pub(super) async fn book(address: SocketAddr, first: u64, count: u64) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /book/{first}/{count} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await?;
    ensure!(received.starts_with(b"HTTP/1.1 200 "), "not booked: {}", String::from_utf8_lossy(&received));
    Ok(())
}
