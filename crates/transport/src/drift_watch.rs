//! Reports answers and pushes that differ from the documentation.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::Level;
use weifen_proto::{Drift, DriftObserver, Vendor};

/// Target of the log events, for subscribers to filter by.
const TARGET: &str = "weifen::drift";

/// Maximum number of differences that are logged.
const REMEMBERED: usize = 256;

/// Reports each difference to an observer, and logs each once: an event with the target `weifen::drift` that has the
/// vendor, the operation, the JSON path and the kind of the found value, never the value. 256 differences are logged
/// at most; the last one is followed by a notice. Without an observer and a log subscriber, answers are not examined.
#[derive(Debug, Default)]
pub struct DriftWatch {
    observer: Option<Arc<dyn DriftObserver>>,
    told: Mutex<HashSet<(&'static str, Drift)>>,
}

impl DriftWatch {
    /// Creates a watch that reports to `observer`, if there is one, and to the log.
    pub fn new(observer: Option<Arc<dyn DriftObserver>>) -> Self {
        Self { observer, told: Mutex::default() }
    }

    /// Reports the differences that `drifts` finds in an answer to `operation`.
    pub fn look(&self, vendor: Vendor, operation: &'static str, drifts: impl FnOnce() -> Vec<Drift>) {
        let is_logged = tracing::enabled!(target: TARGET, Level::WARN);
        if !is_logged && self.observer.is_none() {
            return;
        }
        for drift in drifts() {
            if let Some(observer) = &self.observer {
                observer.drifted(vendor, operation, &drift);
            }
            let Some(nth) = is_logged.then(|| self.remember(operation, &drift)).flatten() else { continue };
            let (path, kind) = (drift.path.as_str(), drift.kind);
            tracing::warn!(target: TARGET, %vendor, operation, path, %kind, "an answer or push differs from the \
                vendor's document");
            if nth == REMEMBERED {
                tracing::warn!(target: TARGET, %vendor, "further differences are not logged");
            }
        }
    }

    /// Remembers a difference and returns their number; `None` where it was logged before or the limit is reached.
    fn remember(&self, operation: &'static str, drift: &Drift) -> Option<usize> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = told.len() < REMEMBERED && told.insert((operation, drift.clone()));
        is_new.then_some(told.len())
    }
}
