//! Metrics of calls, of 微厅's token and of the API. Their labels are names of operations, kinds of errors, statuses and
//! configured callers: none takes a value that comes from outside.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prometheus::core::Collector;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, TextEncoder};
use tokio::time::timeout;
use weifen::Weifen;
use weifen::proto::{Operation, fensi, weiting};
use weifen::transport::{CallError, CallObserver};

/// Histogram buckets of a call, in seconds.
const BUCKETS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Timeout of a look into the token store.
const LOOKING: Duration = Duration::from_secs(2);

/// Kind of a call that has an answer.
const DONE: &str = "ok";

/// Caller of a request that no key proves.
const NOBODY: &str = "none";

#[derive(Debug)]
pub(crate) struct Metrics {
    calls: IntCounterVec,
    call_seconds: HistogramVec,
    requests: IntCounterVec,
    token: Token,
}

/// The clients, and what counts their calls.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) clients: Weifen,
    pub(crate) metrics: Arc<Metrics>,
}

#[derive(Debug)]
struct Token {
    fetches_today: IntGauge,
    fetches_left: IntGauge,
    seconds_left: IntGauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let calls = Opts::new("weifen_calls_total", "Finished calls to a vendor, by kind of error");
        let calls = made(IntCounterVec::new(calls, &["vendor", "operation", "kind"]));
        let all = weiting::OPERATIONS.iter().chain(fensi::OPERATIONS);
        for operation in all.map(|entry| entry.operation) {
            // From the start, at 0.
            let _ = calls.with_label_values(&[operation.vendor.name(), operation.name, DONE]);
        }
        let seconds = HistogramOpts::new("weifen_call_seconds", "Duration of a call, retries included");
        let call_seconds = HistogramVec::new(seconds.buckets(BUCKETS.to_vec()), &["vendor", "operation"]);
        let requests = Opts::new("weifen_api_requests_total", "Answered requests to the API");
        let gauge = |name: &str, help: &str| made(IntGauge::new(name, help));
        Self {
            calls,
            call_seconds: made(call_seconds),
            requests: made(IntCounterVec::new(requests, &["caller", "status"])),
            token: Token {
                fetches_today: gauge("weifen_token_fetches_today", "Token fetches of all programs on this Beijing day"),
                fetches_left: gauge("weifen_token_fetches_left", "Token fetches that the daily limit still allows"),
                seconds_left: gauge("weifen_token_seconds_left", "Seconds until the token expires; 0 without a token"),
            },
        }
    }

    /// Counts a request to the API.
    pub(crate) fn has_answered(&self, caller: Option<&str>, status: u16) {
        self.requests.with_label_values(&[caller.unwrap_or(NOBODY), &status.to_string()]).inc();
    }

    /// The text that a scraper reads. Where the token store can't be read, its last known figures.
    pub(crate) async fn text(&self, clients: &Weifen) -> String {
        let mut families = [self.calls.collect(), self.call_seconds.collect(), self.requests.collect()].concat();
        if let Ok(weiting) = clients.weiting() {
            let tokens = weiting.tokens();
            if let Ok(Ok(stored)) = timeout(LOOKING, tokens.stored()).await {
                let limit = tokens.policy().daily_limit;
                let left = stored.token.and_then(|token| token.expires_at().duration_since(SystemTime::now()).ok());
                self.token.fetches_today.set(stored.fetches_today.into());
                self.token.fetches_left.set(limit.saturating_sub(stored.fetches_today).into());
                self.token.seconds_left.set(left.map_or(0, |left| i64::try_from(left.as_secs()).unwrap_or(i64::MAX)));
            }
            let Token { fetches_today, fetches_left, seconds_left } = &self.token;
            families.extend([fetches_today, fetches_left, seconds_left].into_iter().flat_map(Collector::collect));
        }
        // A counter that has counted nothing yet has no line.
        families.retain(|family| !family.get_metric().is_empty());
        TextEncoder::new().encode_to_string(&families).unwrap_or_default()
    }
}

impl CallObserver for Metrics {
    fn called(&self, operation: &'static Operation, took: Duration, error: Option<&CallError>) {
        let (vendor, kind) = (operation.vendor.name(), error.map_or(DONE, |error| error.kind().as_str()));
        self.calls.with_label_values(&[vendor, operation.name, kind]).inc();
        self.call_seconds.with_label_values(&[vendor, operation.name]).observe(took.as_secs_f64());
    }
}

fn made<M>(metric: Result<M, prometheus::Error>) -> M {
    metric.unwrap_or_else(|error| unreachable!("its names are ours: {error}"))
}
