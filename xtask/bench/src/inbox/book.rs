//! Bookings of the next pushes, which the receiver makes when it is told.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
