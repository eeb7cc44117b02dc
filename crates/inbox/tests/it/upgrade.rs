//! A database of an older version, with pushes in it that are still to be delivered.

use sqlx::{Connection, Executor};
use weifen_inbox::{Bookings, Dispatcher, EventFilter, Receipt, Status};

use crate::log::listening;
use crate::scripted::Scripted;
use crate::support::{Folder, KEY, TestDatabase, behaviours, booking, counted, paying, push, receive, until};

behaviours![a_backlog_of_the_first_version_is_kept_and_delivered, steps_are_never_changed];

/// As many as one page of a listing holds, and some more.
const BACKLOG: usize = 1100;

async fn a_backlog_of_the_first_version_is_kept_and_delivered(database: TestDatabase) {
    let before = {
        let inbox = database.inbox_with(paying()).await;
        let mut pushes = tokio::task::JoinSet::new();
        for user in 0..BACKLOG {
            let inbox = inbox.clone();
            pushes.spawn(async move { inbox.receive(push(&format!("u{user}"))).await.unwrap() });
        }
        pushes.join_all().await;
        assert_eq!(receive(&inbox, "<html>").await, Receipt::Quarantined);
        // As an older version leaves it: some were given up, some wait after a failure.
        let sql = "UPDATE events SET status = 'dead', due_at = NULL, attempts = 12 WHERE id <= 40";
        database.stranger().await.execute(sql).await.unwrap();
        database.stranger().await.execute("UPDATE events SET attempts = 1 WHERE id > 40 AND id <= 50").await.unwrap();
        let events = inbox.events(Some(Status::Pending), 0).await.unwrap();
        inbox.close().await;
        events
    };
    let first_version = "DROP TABLE calls; DROP TABLE bookings; DROP TABLE probe; DROP TABLE deliveries; DROP TABLE writers; \
        DROP INDEX quarantine_arrival; ALTER TABLE quarantine DROP COLUMN arrival; \
         ALTER TABLE quarantine DROP COLUMN content_type; \
        DROP INDEX events_webhook_id; DROP INDEX events_auth_open_id; DROP INDEX events_reference; \
        DROP INDEX events_received; DROP INDEX events_settled; DROP INDEX events_undescribed; \
        DROP INDEX events_new; DROP INDEX events_waiting; DROP INDEX events_kept; DROP INDEX events_since; \
        ALTER TABLE events DROP COLUMN queue; ALTER TABLE events DROP COLUMN waits_since; \
        ALTER TABLE events DROP COLUMN tried_at; ALTER TABLE events DROP COLUMN failing_ms; \
        ALTER TABLE events DROP COLUMN silent; ALTER TABLE events DROP COLUMN device_key; \
        ALTER TABLE events DROP COLUMN booking; ALTER TABLE events DROP COLUMN nacks; \
        ALTER TABLE events DROP COLUMN webhook_id; ALTER TABLE events DROP COLUMN auth_open_id; \
        ALTER TABLE events DROP COLUMN appid; ALTER TABLE events DROP COLUMN reference; \
        CREATE INDEX events_fresh ON events (due_at) WHERE due_at IS NOT NULL AND attempts = 0; \
        CREATE INDEX events_again ON events (due_at) WHERE due_at IS NOT NULL AND attempts > 0; \
        DELETE FROM _sqlx_migrations WHERE version > 1";
    // Closed before the file is opened: its end carries the log over.
    let mut stranger = database.stranger().await;
    stranger.execute(first_version).await.unwrap();
    stranger.close().await.unwrap();

    let inbox = database.inbox().await;
    assert_eq!(inbox.stats().await.unwrap().events["pending"], BACKLOG as u64 - 40);
    let after = inbox.events(Some(Status::Pending), 0).await.unwrap();
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((after.id, &after.key, &after.push), (before.id, &before.key, &before.push));
    }
    // The first and the last group of them.
    for event in [&after[0], &after[after.len() - 1]] {
        let user = event.push.as_ref().unwrap().auth_open_id.as_str();
        let of_user = inbox.matching_events(None, &EventFilter::new().user(user), i64::MAX, 2).await.unwrap();
        assert_eq!(of_user.iter().map(|found| found.id).collect::<Vec<_>>(), [event.id]);
        assert_eq!(inbox.event_named(event.key.as_str()).await.unwrap().unwrap().id, event.id);
    }
    assert_eq!(receive(&inbox, &push("u7")).await, Receipt::Duplicate);
    inbox.book(&booking("new")).await.unwrap();
    assert_eq!(receive(&inbox, &push("new")).await, Receipt::Stored);
    inbox.probe().await.unwrap();
    let quarantined = inbox.quarantined(0).await.unwrap().remove(0);
    assert_eq!((quarantined.content_type, quarantined.raw.as_slice()), (None, b"<html>".as_slice()));
    let of_device = |key: &str| EventFilter::new().device(key);
    assert_eq!(inbox.redrive_matching(&of_device("another")).await.unwrap(), 0);
    assert_eq!(inbox.redrive_matching(&of_device(KEY)).await.unwrap(), 40);
    let handler = Scripted::taking_all();
    let _dispatcher = Dispatcher::builder(&inbox, handler.clone()).start().unwrap();
    let all = (BACKLOG + 1).to_string();
    until("all are taken", async || counted(&inbox, "delivered_total").await == all).await;
    assert_eq!(handler.handed().len(), BACKLOG + 1);
}

/// An upgrade of many events takes a while, in which a start would look stuck.
#[tokio::test]
async fn an_upgrade_is_logged_and_a_database_of_today_is_not() {
    let (log, _logging) = listening();
    let folder = Folder::new();
    let database = folder.test_database();
    database.inbox().await.close().await;
    database.inbox().await.close().await;
    assert_eq!(log.lines("upgrading the tables"), 0);
    let before_the_last = "DROP INDEX events_webhook_id; DROP INDEX events_auth_open_id; DROP INDEX events_reference; \
        CREATE INDEX events_webhook_id ON events (webhook_id); \
        CREATE INDEX events_auth_open_id ON events (auth_open_id, id); \
        CREATE INDEX events_reference ON events (reference, id); \
        DELETE FROM _sqlx_migrations WHERE version = 10";
    let mut stranger = database.stranger().await;
    stranger.execute(before_the_last).await.unwrap();
    stranger.close().await.unwrap();
    database.inbox().await;
    assert_eq!((log.lines("upgrading the tables"), log.lines("version=9")), (1, 1));
}

/// A migration that was applied somewhere never changes: a change to the tables is a new migration.
async fn steps_are_never_changed(database: TestDatabase) {
    const SQLITE: &str = "d6d2a1d803eccb26 241075c4fa033911 ed192f51ae76bdbd 7faa863dbca6bc59 c447f3eb4cf15dc7 \
                          6485abd9c0aebe66 1ea3becb799c88e4 1dd5cb6b7a1dfb45 edb2c0533762bbd0 fbfe406aa427465a";
    const POSTGRES: &str = "a86dae4dc554cdf2 171fd7e46f4a4c4a ed192f51ae76bdbd 0585d1605ff2e1d9 c447f3eb4cf15dc7 \
                            104065141231083f 2f7876c8dde4615e 1dd5cb6b7a1dfb45 edb2c0533762bbd0 fbfe406aa427465a";
    database.inbox().await;
    let mut stranger = database.stranger().await;
    let steps = "SELECT checksum FROM _sqlx_migrations ORDER BY version";
    let steps: Vec<Vec<u8>> = sqlx::query_scalar(steps).fetch_all(&mut stranger).await.unwrap();
    let beginnings: Vec<_> = steps.iter().map(|checksum| hex::encode(&checksum[..8])).collect();
    let known = if stranger.backend_name() == "SQLite" { SQLITE } else { POSTGRES };
    assert_eq!(beginnings.join(" "), known);
}
