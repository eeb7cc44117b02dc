//! Several servers on one database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor};
use tokio::task::JoinSet;
use weifen_inbox::{Bookings, Receipt};

use super::Server;
use crate::support::{Receiving, TestDatabase, booking, paying, push};

const ROUNDS: usize = 12;
const TOGETHER: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_copies_of_each_of_a_hundred_follows_at_two_servers_are_a_hundred_events() {
    let server = Server::start();
    let database = server.test_database().await;
    let servers = [database.inbox_with(paying()).await, database.inbox_with(paying()).await];
    let mut pushes = JoinSet::new();
    for copy in 0..64 {
        for user in 0..100 {
            let (inbox, push) = (servers[copy % 2].clone(), push(&format!("u{}", (user + copy * 7) % 100)));
            pushes.spawn(async move { inbox.receive(push).await.unwrap() });
        }
    }
    let receipts = pushes.join_all().await;
    assert_eq!(receipts.iter().filter(|receipt| **receipt == Receipt::Stored).count(), 100);
    let events = servers[0].events(None, 0).await.unwrap();
    assert_eq!(events.len(), 100);
    assert!(events.iter().all(|event| event.duplicates == 63), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_store_book_confirm_and_purge_the_same_follows_do_not_fail() {
    let server = Server::start();
    everything_at_once(server.test_database().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_they_where_transactions_are_serializable_and_read_only_by_default() {
    let server = Server::start();
    let database = server.test_database().await;
    let mut stranger = database.stranger().await;
    let name: String =
        sqlx::query_scalar("SELECT CAST(current_database() AS TEXT)").fetch_one(&mut stranger).await.unwrap();
    for setting in ["default_transaction_isolation TO serializable", "default_transaction_read_only TO on"] {
        stranger.execute(AssertSqlSafe(format!("ALTER DATABASE {name} SET {setting}"))).await.unwrap();
    }
    everything_at_once(database).await;
}

/// In each round, two servers get the same pushes in opposite orders: new ones, which are held; then with their
/// bookings, which confirm them; then copies. Meanwhile a third erases what it can.
async fn everything_at_once(database: TestDatabase) {
    let servers = [database.inbox().await, database.inbox().await];
    let purging = database.inbox().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let told = is_over.clone();
    let purge = tokio::spawn(async move {
        while !told.load(Ordering::Relaxed) {
            purging.purge(Duration::ZERO).await.unwrap();
        }
    });
    for round in 0..ROUNDS {
        let users: Vec<_> = (0..TOGETHER).map(|user| format!("u{round}-{user}")).collect();
        let opposite: Vec<_> = users.iter().rev().cloned().collect();
        both(&servers, &users, &opposite, async |inbox: Receiving, user: String| {
            inbox.receive(push(&user)).await.unwrap();
        })
        .await;
        both(&servers, &users, &opposite, async |inbox: Receiving, user: String| {
            inbox.book(&booking(&user)).await.unwrap();
            inbox.receive(push(&user)).await.unwrap();
            assert_eq!(inbox.receive(push(&user)).await.unwrap(), Receipt::Duplicate);
        })
        .await;
    }
    is_over.store(true, Ordering::Relaxed);
    purge.await.unwrap();
    assert_eq!(servers[0].events(None, 0).await.unwrap().len(), ROUNDS * TOGETHER);
    let stats = servers[1].stats().await.unwrap();
    assert_eq!(stats.events.get("pending"), Some(&((ROUNDS * TOGETHER) as u64)), "{stats:?}");
    // Of six pushes for each follow one is new and one confirms it.
    assert_eq!(stats.duplicates, (ROUNDS * TOGETHER * 4) as u64);
    // Each would have cost a second.
    for inbox in &servers {
        inbox.close().await;
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let deadlocks: i64 = sqlx::query_scalar(deadlocks).fetch_one(&mut database.stranger().await).await.unwrap();
    assert_eq!(deadlocks, 0);
}

async fn both<F>(
    servers: &[Receiving; 2],
    users: &[String],
    opposite: &[String],
    work: impl Fn(Receiving, String) -> F + Clone + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (one, other) in users.iter().zip(opposite) {
        tasks.spawn(work(servers[0].clone(), one.clone()));
        tasks.spawn(work(servers[1].clone(), other.clone()));
    }
    tasks.join_all().await;
}
