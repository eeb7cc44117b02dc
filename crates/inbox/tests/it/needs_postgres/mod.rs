//! The inbox in PostgreSQL: what holds in SQLite holds there too, and what only it is for.

mod away;
mod link;
mod several_servers;
mod tails;

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Executor};
use xtask_services::Postgres;

use crate::support::TestDatabase;
use crate::{
    admission, filters, inspection, odd_bytes, once, opening, pull, purge, readmit, references, tail, unsolicited,
    upgrade,
};

/// A server whose databases are made as they are asked for.
pub(crate) struct Server {
    postgres: Postgres,
    databases: AtomicU32,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self { postgres: Postgres::start(), databases: AtomicU32::new(0) }
    }

    /// A new, empty database.
    pub(crate) async fn test_database(&self) -> TestDatabase {
        TestDatabase::postgres(self.new_url().await)
    }

    async fn new_url(&self) -> String {
        let name = format!("inbox_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let url = self.postgres.url();
        let mut connection = TestDatabase::postgres(url.clone()).stranger().await;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        format!("{}/{name}", url.rsplit_once('/').unwrap().0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_is_paid_once() {
    once::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsolicited_push_is_treated_alike() {
    unsolicited::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_tells_its_booking_alike() {
    references::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_asked_for_alike() {
    filters::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_alike() {
    tail::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_looked_at_alike() {
    inspection::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_opened_alike() {
    opening::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_claimed_alike() {
    pull::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_takes_and_leaves_the_same() {
    purge::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_quarantine_is_judged_anew_alike() {
    readmit::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_are_judged_alike() {
    admission::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_its_texts_can_not_hold_do_no_harm() {
    odd_bytes::all(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_older_version_is_brought_up_to_date() {
    upgrade::all(&Server::start()).await;
}
