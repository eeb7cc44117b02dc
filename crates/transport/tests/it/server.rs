//! Servers that answer each connection with given bytes.

use std::io::{Read, Write};

use weifen_transport::testing::RawServer;

/// Answers any request with `reply`, then closes the connection, or keeps it open and silent if `hang` is on.
pub(crate) fn server(reply: Vec<u8>, hang: bool) -> RawServer {
    let server = RawServer::start(move |connection| {
        if connection.read(&mut [0; 8192])? == 0 {
            return Ok(());
        }
        connection.write_all(&reply)?;
        if hang { connection.hang() } else { Ok(()) }
    });
    server.unwrap()
}

/// Number of connections that sent something.
pub(crate) fn requests(server: &RawServer) -> usize {
    server.received().iter().filter(|received| !received.is_empty()).count()
}

pub(crate) fn url(server: &RawServer) -> String {
    format!("{}/path?access_token=canary", server.url())
}

/// Returns a reply of status 200 with these header lines and this body.
pub(crate) fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\n".as_slice(), headers.as_bytes(), b"\r\n\r\n", body].concat()
}
