//! The load: kept connections with one request at a time each, over raw sockets, so that it takes little of the
//! machine.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::http_message::length;

/// Result of a turn.
pub(crate) struct Turn {
    pub(crate) per_second: f64,
    pub(crate) p99: Duration,
}

pub(crate) struct Crowd {
    connections: Vec<TcpStream>,
}

impl Crowd {
    pub(crate) async fn connect(address: SocketAddr, connections: usize) -> Result<Self> {
        let mut connected = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            connected.push(stream);
        }
        Ok(Self { connections: connected })
    }

    /// Sends `count` requests, numbered from `first` on, and waits for all answers.
    pub(crate) async fn send(self, request: fn(u64) -> String, first: u64, count: u64) -> Result<Turn> {
        let crowd = self.connections.len() as u64;
        let began = Instant::now();
        let mut callers = JoinSet::new();
        for (place, stream) in (0..).zip(self.connections) {
            let numbers = (first + place..first + count).step_by(usize::try_from(crowd)?);
            callers.spawn(converse(stream, numbers.map(request)));
        }
        let mut waits = Vec::with_capacity(usize::try_from(count)?);
        while let Some(done) = callers.join_next().await {
            waits.extend(done??);
        }
        let seconds = began.elapsed().as_secs_f64();
        waits.sort_unstable();
        let p99 = waits.get(waits.len() * 99 / 100).copied().context("a turn without a request")?;
        #[expect(clippy::cast_precision_loss, reason = "so many requests no turn has")]
        Ok(Turn { per_second: count as f64 / seconds, p99 })
    }
}

async fn converse(mut stream: TcpStream, requests: impl Iterator<Item = String>) -> Result<Vec<Duration>> {
    let mut waits = Vec::new();
    let mut received = Vec::with_capacity(1024);
    for request in requests {
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        received.clear();
        while length(&received).is_none_or(|length| received.len() < length) {
            ensure!(stream.read_buf(&mut received).await? > 0, "the server hung up");
        }
        ensure!(received.starts_with(b"HTTP/1.1 200 "), "not answered: {}", String::from_utf8_lossy(&received));
        waits.push(sent.elapsed());
    }
    Ok(waits)
}
