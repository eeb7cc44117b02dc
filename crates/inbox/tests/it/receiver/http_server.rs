//! A server for any router.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use weifen_inbox::ServerLimits;

use super::{Connection, patient, serve};

#[tokio::test]
async fn a_handler_that_panics_ends_its_connection_and_nothing_else() {
    async fn panics() -> &'static str {
        panic!("it was meant to")
    }
    let router = Router::new().route("/panic", get(panics)).route("/fine", get(|| async { "fine" }));
    let server = serve(router, ServerLimits { connections: 1, ..patient() }).await;
    for _ in 0..3 {
        let mut connection = Connection::open(server.local_addr()).await;
        connection.send("GET /panic HTTP/1.1\r\nhost: h\r\n\r\n").await;
        assert_eq!(connection.end().await, b"");
        let mut connection = Connection::open(server.local_addr()).await;
        assert_eq!(connection.get("/fine").await.body, "fine", "its place is free again");
    }
}

#[tokio::test]
async fn a_request_bears_its_peers_address() {
    let show = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
    let server = serve(Router::new().route("/", get(show)), patient()).await;
    let mut connection = Connection::open(server.local_addr()).await;
    let own = connection.stream.local_addr().unwrap().to_string();
    assert_eq!(connection.get("/").await.body, own);
}
