//! Health and metrics.

use std::time::Duration;

use weifen_inbox::{Admin, Bookings, HttpServer, Inbox, LISTEN_HEADER};

use super::{Connection, Site, counted, patient, serve};
use crate::support::{booking, push};

/// The address that `/healthz` reports for pushes.
const LISTEN: &str = "192.0.2.1:8320";

async fn beside(site: &Site) -> (HttpServer, Connection) {
    let admin = Admin::new(Inbox::clone(&site.inbox)).listen(LISTEN.parse().unwrap()).figures(|| "more 1\n".to_owned());
    let server = serve(admin.router(), patient()).await;
    let connection = Connection::open(server.local_addr()).await;
    (server, connection)
}

/// The check writes to a disk that may be slow once.
async fn until_ready(connection: &mut Connection) {
    let ready = async { while connection.get("/readyz").await.status != 200 {} };
    tokio::time::timeout(Duration::from_secs(60), ready).await.unwrap();
}

#[tokio::test]
async fn it_is_alive_always_and_ready_while_pushes_can_be_stored() {
    let site = Site::new().await;
    let (_server, mut connection) = beside(&site).await;
    until_ready(&mut connection).await;
    let lock = site.lock().await;
    assert_eq!(connection.get("/readyz").await.status, 503);
    let healthz = connection.get("/healthz").await;
    assert_eq!((healthz.status, healthz.body.as_str()), (200, "ok"));
    lock.release().await;
    until_ready(&mut connection).await;
    assert_eq!(site.post(&push("u")).await.status, 200);
}

#[tokio::test]
async fn it_tells_where_pushes_arrive_so_that_it_can_be_told_from_other_servers() {
    let site = Site::new().await;
    let (_server, mut connection) = beside(&site).await;
    let healthz = connection.get("/healthz").await;
    let told = format!("{LISTEN_HEADER}: {LISTEN}");
    assert!(healthz.head.lines().any(|line| line == told), "{}", healthz.head);
}

#[tokio::test]
async fn it_is_not_ready_when_storing_fails() {
    let site = Site::new().await;
    let (_server, mut connection) = beside(&site).await;
    site.inbox.close().await;
    assert_eq!(connection.get("/readyz").await.status, 503);
    let metrics = connection.get("/metrics").await;
    assert_eq!(metrics.status, 200, "what was counted is told all the same");
    assert!(metrics.body.ends_with("\nmore 1\n"), "what the program counts comes last: {}", metrics.body);
}

#[tokio::test]
async fn metrics_are_a_text_that_counts_each_fate() {
    let site = Site::new().await;
    let (_server, mut connection) = beside(&site).await;
    site.inbox.book(&booking("booked")).await.unwrap();
    for body in [&push("booked"), &push("booked"), &push("stranger"), "<html>"] {
        assert_eq!(site.post(body).await.status, 200);
    }
    let answer = connection.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4"), "{}", answer.head);
    for line in answer.body.lines().filter(|line| !line.starts_with('#') && *line != "more 1") {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("weifen_inbox_"), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    let figures = ["received_total", "stored_total", "duplicate_total", "held_total", "quarantined_total", "pending"];
    let figures = figures.map(|name| counted(&answer.body, &format!("weifen_inbox_{name}")));
    assert_eq!(figures, [4, 1, 1, 1, 1, 1]);
    assert_eq!(counted(&answer.body, "weifen_inbox_store_seconds_count"), 4);
}

#[tokio::test]
async fn there_is_nothing_else() {
    let site = Site::new().await;
    let (_server, mut connection) = beside(&site).await;
    assert_eq!(connection.get("/").await.status, 404);
    assert_eq!(connection.get(&format!("/push/{}", super::SECRET)).await.status, 404);
    assert_eq!(connection.post("/healthz", "").await.status, 405);
}
