//! The door: accepts connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::connection_limit::{ConnectionLimit, ConnectionPermit};

/// Pause after a connection could not be accepted: file handles have to come back.
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// An accepted connection with its place.
pub(super) struct Guest {
    pub(super) stream: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) permit: Arc<ConnectionPermit>,
}

/// The listener, which hands out one connection for each place that is free or made free.
pub(super) struct Door {
    listener: TcpListener,
    connections: Arc<ConnectionLimit>,
    /// Accepted, without a place yet.
    arrived: Option<(TcpStream, SocketAddr)>,
    is_in_trouble: bool,
}

impl Door {
    pub(super) fn new(listener: TcpListener, connections: Arc<ConnectionLimit>) -> Self {
        Self { listener, connections, arrived: None, is_in_trouble: false }
    }

    /// Waits for the next connection. Safe to cancel: no connection is lost.
    pub(super) async fn next(&mut self) -> Guest {
        loop {
            if self.arrived.is_none() {
                self.arrived = Some(self.arrival().await);
            }
            let free = self.connections.free().await;
            if let Some((stream, peer)) = self.arrived.take() {
                return Guest { stream, peer, permit: self.connections.give(free, peer.ip().to_canonical()) };
            }
        }
    }

    /// Accepts the next connection whose peer may have one. Others are closed at once.
    async fn arrival(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    self.is_in_trouble = false;
                    if self.connections.admit(peer.ip().to_canonical()) {
                        return (stream, peer);
                    }
                }
                Err(error) if is_of_its_client(&error) => {}
                Err(error) => {
                    // Logged once, not at each try.
                    if !std::mem::replace(&mut self.is_in_trouble, true) {
                        tracing::error!(%error, "cannot accept connections");
                    }
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
            }
        }
    }
}

/// Returns true where the client closed the connection before it was accepted.
fn is_of_its_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
