//! Ending a server.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::{Connection, LONG, SECRET, Site};
use crate::support::push;

#[tokio::test]
async fn a_request_under_way_is_finished_while_idle_connections_are_closed() {
    let Site { folder: _folder, inbox, server } = Site::new().await;
    let address = server.local_addr();
    let silent = Connection::open(address).await;
    let mut idle = Connection::open(address).await;
    assert_eq!(idle.get("/").await.status, 404);
    let push = push("u");
    let mut under_way = under_way(address, push.len()).await;

    let stopping = tokio::spawn(server.stop(LONG));
    assert_eq!(silent.end().await, b"");
    assert_eq!(idle.end().await, b"");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
    assert!(!stopping.is_finished(), "a request is under way");
    under_way.send(push).await;
    let answer = under_way.answer().await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    under_way.end().await;
    stopping.await.unwrap();
    assert_eq!(inbox.events(None, 0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut() {
    let Site { folder: _folder, inbox, server } = Site::new().await;
    let stuck = under_way(server.local_addr(), 9).await;
    server.stop(Duration::from_millis(100)).await;
    assert_eq!(stuck.end().await, b"");
    assert!(inbox.quarantined(0).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_is_dropped_cuts_its_connections() {
    let site = Site::new().await;
    let address = site.server.local_addr();
    let stuck = under_way(address, 9).await;
    drop(site.server);
    assert_eq!(stuck.end().await, b"");
    assert!(TcpStream::connect(address).await.is_err());
}

/// A push of which the server knows the header, and waits for the body.
async fn under_way(address: SocketAddr, length: usize) -> Connection {
    let mut connection = Connection::open(address).await;
    let headers = format!("host: h\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n");
    connection.send(format!("POST /push/{SECRET} HTTP/1.1\r\n{headers}\r\n")).await;
    assert_eq!(connection.answer().await.status, 100);
    connection
}
