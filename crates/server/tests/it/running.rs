//! What a program asks of a server that runs, and how it ends it.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use weifen_server::weifen::inbox::{FollowEvent, Handler, HandlerError, IdempotencyKey, Inbox, Status};
use weifen_server::weifen::transport::async_trait;
use weifen_server::{Deliveries, Server, StartError};

use crate::setup::{HANGS, Setup, page, push, pushed, until};

/// Takes an event in its own time, and tells when it begins.
#[derive(Debug)]
struct Slow(mpsc::UnboundedSender<()>, Duration);

#[async_trait]
impl Handler for Slow {
    async fn handle(&self, _: &FollowEvent, _: &IdempotencyKey) -> Result<(), HandlerError> {
        self.0.send(()).unwrap();
        tokio::time::sleep(self.1).await;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_where_it_listens_whether_it_is_ready_and_what_it_counts() {
    let setup = Setup::new();
    let config = setup.config("unsolicited = 'pay'");
    let running = Server::builder(config).figures(|| "of_the_program 7\n".to_owned()).start().await.unwrap();
    assert_ne!((running.push_address().unwrap().port(), running.admin_address().port()), (0, 0));
    timeout(HANGS, async { while !running.ready().await {} }).await.expect("it is ready");
    assert_eq!(running.deliveries(), Deliveries::Kept, "neither a handler nor a URL");
    assert_eq!(pushed(&running, &push("u")).await, 200);
    let metrics = page(&running, "/metrics").await;
    for line in ["weifen_inbox_stored_total 1\n", "weifen_inbox_pending 1\n", "of_the_program 7\n"] {
        assert!(metrics.contains(line), "{metrics}");
    }
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_its_database_is_away() {
    let setup = Setup::new();
    let running = Server::builder(setup.config("")).start().await.unwrap();
    timeout(HANGS, async { while !running.ready().await {} }).await.expect("it is ready");
    std::fs::rename(setup.path("inbox.db"), setup.path("away")).unwrap();
    assert!(!running.ready().await);
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_finishes_what_is_under_way_and_closes_everything() {
    let setup = Setup::new();
    let config = setup.config("unsolicited = 'pay'\ndrain_s = 60");
    let (begins, mut begun) = mpsc::unbounded_channel();
    let handler = Arc::new(Slow(begins, Duration::from_millis(300)));
    let running = Server::builder(config.clone()).handler(handler).start().await.unwrap();
    assert_eq!(pushed(&running, &push("u")).await, 200);
    begun.recv().await.unwrap();
    let address = running.push_address().unwrap();
    timeout(HANGS, running.drain()).await.expect("it ends");

    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
    let again = Server::builder(config).start().await.expect("the database is free");
    until(&again, Status::Delivered).await;
    again.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_waits_no_longer_than_configured() {
    let setup = Setup::new();
    let config = setup.config("unsolicited = 'pay'\ndrain_s = 0");
    let (begins, mut begun) = mpsc::unbounded_channel();
    let running = Server::builder(config.clone()).handler(Arc::new(Slow(begins, HANGS * 2))).start().await.unwrap();
    assert_eq!(pushed(&running, &push("u")).await, 200);
    begun.recv().await.unwrap();
    timeout(HANGS, running.drain()).await.expect("it ends");
    let inbox = Inbox::open(&config.inbox_database().existing()).await.unwrap();
    assert_eq!(inbox.events(None, 0).await.unwrap()[0].status, Status::Pending, "it was given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_dropped_is_gone() {
    let setup = Setup::new();
    let running = Server::builder(setup.config("")).start().await.unwrap();
    let address = running.push_address().unwrap();
    assert!(matches!(Server::builder(setup.config("")).start().await, Err(StartError::Open(_))), "it is served");
    drop(running);
    let free = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(HANGS, free).await.expect("nobody listens");
    Server::builder(setup.config("")).start().await.expect("the database is free").drain().await;
}
