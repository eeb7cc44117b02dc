//! Streams while the database is away.

use std::time::Duration;

use serde_json::json;
use tokio::time::{sleep, timeout};
use xtask_services::Postgres;

use super::client::Request;
use super::service::Service;
use super::stream::{Stream, follow, stream};
use crate::setup::HANGS;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_away_is_a_gap_and_the_stream_goes_on() {
    let mut postgres = Postgres::start();
    let service = Service::at(&postgres.url()).await;
    let mut open = Stream::open(&service, stream()).await;
    let gap = timeout(4 * HANGS, async {
        loop {
            postgres.stop();
            assert_eq!(service.send(Request::get("/v1/events")).await.status, 503);
            // The stream's look may come later.
            sleep(Duration::from_secs(2)).await;
            postgres.restart();
            if let Ok(event) = timeout(Duration::from_secs(5), open.event()).await {
                return event;
            }
        }
    });
    assert_eq!(gap.await.expect("a gap is told"), ("gap".to_owned(), json!({"reason": "database"})));
    follow(service.running.inbox(), "u").await;
    assert_eq!(open.change().await.0, "received");
    service.stop().await;
}
