//! Ending a server.

use std::time::Duration;

use tokio::net::TcpStream;
use weifen_inbox::ServerLimits;

use super::wire::post;
use super::{LONG, SECRET, Site};
use crate::support::push;

fn patient() -> ServerLimits {
    ServerLimits { header_time: LONG, body_time: LONG, ..ServerLimits::default() }
}

#[tokio::test]
async fn a_request_under_way_is_finished_while_idle_connections_are_closed() {
    let site = Site::with_limits(patient()).await;
    let address = site.server.local_addr();
    let silent = site.connect().await;
    let mut idle = site.connect().await;
    assert_eq!(idle.get("/").await.status, 404);
    let lock = site.lock().await;
    let mut under_way = site.connect().await;
    under_way.send(post(&format!("/push/{SECRET}"), "", &push("u"))).await;
    site.until_received(1).await;

    let Site { folder, inbox, server } = site;
    let stopping = tokio::spawn(server.stop(LONG));
    assert_eq!(silent.end().await, b"");
    assert_eq!(idle.end().await, b"");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
    assert!(!stopping.is_finished(), "a request is under way");
    lock.release().await;
    let answer = under_way.answer().await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    under_way.end().await;
    stopping.await.unwrap();
    assert_eq!(inbox.events(None, 0).await.unwrap().len(), 1);
    drop(folder);
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut() {
    let site = Site::with_limits(patient()).await;
    let mut stuck = site.connect().await;
    stuck
        .send(format!("POST /push/{SECRET} HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n"))
        .await;
    assert_eq!(stuck.answer().await.status, 100, "it is under way");
    let Site { folder, inbox, server } = site;
    server.stop(Duration::from_millis(100)).await;
    assert_eq!(stuck.end().await, b"");
    assert!(inbox.quarantined(0).await.unwrap().is_empty());
    drop(folder);
}

#[tokio::test]
async fn a_server_that_is_dropped_cuts_its_connections() {
    let site = Site::with_limits(patient()).await;
    let address = site.server.local_addr();
    let mut connection = site.connect().await;
    assert_eq!(connection.get("/").await.status, 404);
    drop(site.server);
    assert_eq!(connection.end().await, b"");
    assert!(TcpStream::connect(address).await.is_err());
}
