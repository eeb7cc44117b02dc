//! Counters and gauges of an inbox, `weifen_inbox_NAME` and `weifen_inbox_NAME_total`, in the text format of
//! Prometheus.

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

use crate::Receipt;
use crate::store::Backlog;
use crate::unwanted::Excess;

/// Histogram buckets, in seconds: of a push until its acknowledgement, and of a delivery attempt.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The counters of one inbox in one process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    received: IntCounter,
    stored: IntCounter,
    held: IntCounter,
    duplicate: IntCounter,
    dropped: IntCounter,
    quarantined: IntCounter,
    not_stored: IntCounter,
    #[cfg_attr(not(feature = "receiver"), expect(dead_code, reason = "only a receiver refuses"))]
    refused: IntCounterVec,
    exceeded: IntCounterVec,
    quarantine_bytes: IntGauge,
    quarantine_bytes_max: IntGauge,
    pub(crate) store_seconds: Histogram,
    pub(crate) delivered: IntCounter,
    /// Delivered events whose push has another bid than the QR code's answer.
    pub(crate) bid_differs: IntCounter,
    pub(crate) retried: IntCounter,
    pub(crate) dead: IntCounter,
    /// Events whose times a wrong clock had written.
    pub(crate) recalled: IntCounter,
    /// Outcomes that came after their lease had ended and changed nothing.
    pub(crate) overtaken: IntCounter,
    pub(crate) delivery_seconds: Histogram,
    pub(crate) is_paused: IntGauge,
    waiting: Gauges,
}

#[derive(Debug)]
struct Gauges {
    pending: IntGauge,
    held: IntGauge,
    dead: IntGauge,
    oldest_seconds: Gauge,
}

fn registered<M: Collector + Clone + 'static>(registry: &Registry, metric: M) -> Result<M, prometheus::Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

impl Metrics {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let named = |name: &str, help: &str| Opts::new(format!("weifen_inbox_{name}"), help);
        let counter = |name: &str, help: &str| {
            registered(&registry, IntCounter::with_opts(named(&format!("{name}_total"), help))?)
        };
        let gauge = |name: &str, help: &str| registered(&registry, IntGauge::with_opts(named(name, help))?);
        let histogram = |name: &str, help: &str| {
            let options = HistogramOpts::from(named(&format!("{name}_seconds"), help)).buckets(BUCKETS.to_vec());
            registered(&registry, Histogram::with_opts(options)?)
        };
        let refused = named("refused_total", "Requests that were refused before they were read as a push");
        let refused = registered(&registry, IntCounterVec::new(refused, &["status"])?)?;
        let exceeded = named(
            "quarantine_refused_total",
            "Pushes that were not stored because quarantine and held events have reached a limit",
        );
        let exceeded = registered(&registry, IntCounterVec::new(exceeded, &["reason"])?)?;
        for excess in Excess::ALL {
            // Registers the label from the start, at 0.
            let _ = exceeded.with_label_values(&[excess.as_str()]);
        }
        let oldest = "Age of the oldest pending event; 0 if no event is pending";
        let oldest_seconds = registered(&registry, Gauge::with_opts(named("oldest_pending_seconds", oldest))?)?;
        Ok(Self {
            received: counter("received", "Pushes that were sent to a valid push address")?,
            stored: counter("stored", "Pushes that became events to deliver")?,
            held: counter("held", "Pushes that were held because no booking expects them")?,
            duplicate: counter("duplicate", "Copies of stored events")?,
            dropped: counter("dropped", "Pushes that were dropped because no booking expects them")?,
            quarantined: counter("quarantined", "Pushes in quarantine: not ours, or not readable")?,
            not_stored: counter("not_stored", "Pushes that could not be stored and were not acknowledged")?,
            refused,
            exceeded,
            quarantine_bytes: gauge("quarantine_bytes", "Bytes of quarantine and held events")?,
            quarantine_bytes_max: gauge("quarantine_bytes_max", "Maximum of the bytes of quarantine and held events")?,
            store_seconds: histogram("store", "Time from a push to its commit")?,
            delivered: counter("delivered", "Events that were delivered")?,
            bid_differs: counter(
                "bid_differs",
                "Delivered events whose push has another bid than the QR code's answer",
            )?,
            retried: counter("retried", "Attempts that failed and are retried")?,
            dead: counter("dead", "Events that became dead")?,
            recalled: counter("recalled", "Events whose due time was corrected after the clock was wrong")?,
            overtaken: counter("overtaken", "Outcomes that came after their lease had ended and changed nothing")?,
            delivery_seconds: histogram("delivery", "Duration of an attempt")?,
            is_paused: gauge(
                "deliveries_paused",
                "1 while deliveries are paused, or while programs claim the events from another server",
            )?,
            waiting: Gauges {
                pending: gauge("pending", "Pending events")?,
                held: gauge("waiting_held", "Held events, which a person can release")?,
                dead: gauge("waiting_dead", "Dead events, which a person can redrive")?,
                oldest_seconds,
            },
            registry,
        })
    }

    pub(crate) fn has_received(&self) {
        self.received.inc();
    }

    pub(crate) fn has_answered(&self, receipt: Option<Receipt>, after: Duration) {
        self.store_seconds.observe(after.as_secs_f64());
        let counter = match receipt {
            Some(Receipt::Stored) => &self.stored,
            Some(Receipt::Held(_)) => &self.held,
            Some(Receipt::Duplicate) => &self.duplicate,
            Some(Receipt::Dropped) => &self.dropped,
            Some(Receipt::Quarantined) => &self.quarantined,
            None => &self.not_stored,
        };
        counter.inc();
    }

    #[cfg(feature = "receiver")]
    pub(crate) fn has_refused(&self, status: u16) {
        self.refused.with_label_values(&[status.to_string()]).inc();
    }

    pub(crate) fn has_exceeded(&self, excess: Excess) {
        self.exceeded.with_label_values(&[excess.as_str()]).inc();
    }

    pub(crate) fn quarantine_is(&self, bytes: u64, most: u64) {
        let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        self.quarantine_bytes.set(number(bytes));
        self.quarantine_bytes_max.set(number(most));
    }

    /// The text that a scraper reads.
    pub(crate) fn text(&self, waiting: Option<Backlog>) -> Result<String, prometheus::Error> {
        if let Some(waiting) = waiting {
            let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            self.waiting.pending.set(number(waiting.pending));
            self.waiting.held.set(number(waiting.held));
            self.waiting.dead.set(number(waiting.dead));
            self.waiting.oldest_seconds.set(waiting.oldest.as_secs_f64());
        }
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}
