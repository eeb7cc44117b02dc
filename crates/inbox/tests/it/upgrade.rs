//! A database of an older version, with pushes in it that are still to be delivered.

use sqlx::Executor;
use weifen_inbox::{Bookings, Receipt, Status};

use crate::support::{Place, behaviours, booking, paying, push, receive};

behaviours![a_backlog_of_the_first_version_is_kept_and_delivered, steps_are_never_changed];

/// As many as one page of a listing holds, and some more.
const BACKLOG: usize = 1100;

async fn a_backlog_of_the_first_version_is_kept_and_delivered(place: Place) {
    let before = {
        let inbox = place.inbox_with(paying()).await;
        let mut pushes = tokio::task::JoinSet::new();
        for user in 0..BACKLOG {
            let inbox = inbox.clone();
            pushes.spawn(async move { inbox.receive(push(&format!("u{user}"))).await.unwrap() });
        }
        pushes.join_all().await;
        assert_eq!(receive(&inbox, "<html>").await, Receipt::Quarantined);
        let events = inbox.events(Some(Status::Pending), 0).await.unwrap();
        inbox.close().await;
        events
    };
    let first_version = "DROP TABLE bookings; DROP TABLE probe; ALTER TABLE quarantine DROP COLUMN content_type; \
                         DELETE FROM _sqlx_migrations WHERE version > 1";
    place.stranger().await.execute(first_version).await.unwrap();

    let inbox = place.inbox().await;
    assert_eq!(inbox.stats().await.unwrap().events["pending"], BACKLOG as u64);
    let after = inbox.events(Some(Status::Pending), 0).await.unwrap();
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((after.id, &after.key, &after.push), (before.id, &before.key, &before.push));
    }
    assert_eq!(receive(&inbox, &push("u7")).await, Receipt::Duplicate);
    inbox.book(&booking("new")).await.unwrap();
    assert_eq!(receive(&inbox, &push("new")).await, Receipt::Stored);
    inbox.probe().await.unwrap();
    let quarantined = inbox.quarantined(0).await.unwrap().remove(0);
    assert_eq!((quarantined.content_type, quarantined.raw.as_slice()), (None, b"<html>".as_slice()));
}

/// What was applied somewhere must be what is applied elsewhere: a change to the tables is a new step.
async fn steps_are_never_changed(place: Place) {
    const SQLITE: [&str; 3] = ["d6d2a1d803eccb26", "241075c4fa033911", "ed192f51ae76bdbd"];
    const POSTGRES: [&str; 3] = ["a86dae4dc554cdf2", "171fd7e46f4a4c4a", "ed192f51ae76bdbd"];
    place.inbox().await;
    let mut stranger = place.stranger().await;
    let steps = "SELECT checksum FROM _sqlx_migrations ORDER BY version";
    let steps: Vec<Vec<u8>> = sqlx::query_scalar(steps).fetch_all(&mut stranger).await.unwrap();
    let beginnings: Vec<_> = steps.iter().map(|checksum| hex::encode(&checksum[..8])).collect();
    let known = if stranger.backend_name() == "SQLite" { SQLITE } else { POSTGRES };
    assert_eq!(beginnings, known);
}
