//! Changes of events where servers commit out of order, or the database is away.

use sqlx::{Connection, Executor};
use weifen_inbox::ChangeKind::Received;

use super::Server;
use crate::support::{eventually, paying, push, receive};
use crate::tail::{HANGS, told};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_committed_after_a_later_one_is_told() {
    let server = Server::start();
    let database = server.test_database().await;
    let inbox = database.inbox_with(paying()).await;
    let mut tail = inbox.tail().await.unwrap();
    receive(&inbox, &push("u")).await;
    assert_eq!(told(&mut tail, 1).await, [(Received, 1)]);
    let mut slow = database.stranger().await;
    let mut transaction = slow.begin().await.unwrap();
    // Another follow.
    let copy = "INSERT INTO events (follow, slot, state_digest, status, received_at, due_at, raw) \
                SELECT sha256(follow), slot, state_digest, status, received_at, due_at, raw FROM events";
    transaction.execute(copy).await.unwrap();
    receive(&inbox, &push("v")).await;
    assert_eq!(told(&mut tail, 1).await, [(Received, 3)]);
    transaction.commit().await.unwrap();
    assert_eq!(told(&mut tail, 1).await, [(Received, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_the_database_is_away() {
    let mut server = Server::start();
    let database = server.test_database().await;
    let inbox = database.inbox_with(paying()).await;
    let mut tail = inbox.tail().await.unwrap();
    server.postgres.stop();
    tokio::time::timeout(HANGS, tail.next()).await.unwrap().unwrap_err();
    server.postgres.restart();
    eventually(async || inbox.receive(push("u")).await).await;
    let change = eventually(async || tail.next().await).await.remove(0);
    assert_eq!((change.kind, change.event.id), (Received, 1));
}
