//! Number of fetches in days of virtual time.

use std::sync::Arc;
use std::time::Duration;

use weifen_sandbox::Sandbox;
use weifen_transport::ReqwestTransport;
use weifen_transport::mock::ManualClock;
use weifen_weiting::token::{MemoryStore, TokenStore};
use weifen_weiting::{LoginReportRequest, Weiting};

use crate::fetching::Fetcher;

const MINUTE: Duration = Duration::from_secs(60);

/// Midnight in Beijing, where the sandbox's clock starts as well.
const MIDNIGHT: u64 = 1_557_158_400;

#[tokio::test]
async fn a_day_of_calls_costs_thirteen_fetches() {
    let midnight = jiff::Timestamp::from_second(MIDNIGHT.try_into().unwrap()).unwrap();
    let sandbox = Sandbox::builder().clock_start(midnight).single_token(true).start().await.unwrap();
    let clock = Arc::new(ManualClock::at(MIDNIGHT));
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let client = || {
        Weiting::builder(sandbox.appid(), sandbox.secret())
            .base_url(sandbox.weiting_base_url())
            .transport(Arc::new(ReqwestTransport::new().unwrap()))
            .clock(clock.clone())
            .token_store(store.clone())
            .build()
            .unwrap()
    };
    let processes = [client(), client(), client()];
    let request =
        LoginReportRequest::new(weifen_sandbox::test_data::OPENID.parse().unwrap(), "18964524000".parse().unwrap());
    for _ in 0..24 * 60 {
        for process in &processes {
            process.login_report(&request).await.unwrap();
            process.tokens().settle().await.unwrap();
        }
        clock.advance(MINUTE);
        sandbox.advance(MINUTE).unwrap();
    }
    let log = sandbox.log();
    let fetches = log.iter().filter(|entry| entry.operation == Some("access_token")).count();
    println!("reliability[token-day] {fetches} fetches for {} calls of three clients", 3 * 24 * 60);
    assert_eq!(fetches, 13);
}

#[tokio::test]
async fn a_day_of_failures_with_a_restart_each_minute_stays_under_the_limit() {
    let (fetcher, clock) = (Fetcher::new(Duration::ZERO), Arc::new(ManualClock::at(MIDNIGHT)));
    fetcher.fails(true);
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    for _ in 0..24 * 60 {
        let restarted = fetcher.process(&clock, &store);
        for _ in 0..10 {
            restarted.current().await.unwrap_err();
        }
        clock.advance(MINUTE);
    }
    println!("reliability[token-outage] {} fetches in a day of failures, with {} restarts", fetcher.fetches(), 24 * 60);
    assert_eq!(fetcher.fetches(), 200, "the limit, and no more");
    fetcher.fails(false);
    fetcher.process(&clock, &store).current().await.expect("a new day has begun");
}
