//! Tells of answers and pushes that are not as documented.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::Level;
use weifen_proto::{Drift, DriftObserver, Vendor};

/// The target of the events, by which a subscriber can select them.
const TARGET: &str = "weifen::drift";

/// How many differences are remembered as told.
const REMEMBERED: usize = 256;

/// Tells an observer of each difference, and the log of each once: an event of the target `weifen::drift` with vendor,
/// operation, JSON path and what kind of thing was seen, never a value. The log is told of 256 differences, and at the
/// last that there may be more. Where nobody listens, nothing is looked at.
#[derive(Debug, Default)]
pub struct DriftWatch {
    observer: Option<Arc<dyn DriftObserver>>,
    told: Mutex<HashSet<(&'static str, Drift)>>,
}

impl DriftWatch {
    /// With an observer beside the log.
    pub fn new(observer: Option<Arc<dyn DriftObserver>>) -> Self {
        Self { observer, told: Mutex::default() }
    }

    /// Tells what `drifts` finds in an answer to `operation`.
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
            tracing::warn!(target: TARGET, %vendor, operation, path, %kind, "the vendor differs from what is known of it");
            if nth == REMEMBERED {
                tracing::warn!(target: TARGET, %vendor, "no further difference is told here");
            }
        }
    }

    /// How many are remembered with this difference, unless it is not to be told.
    fn remember(&self, operation: &'static str, drift: &Drift) -> Option<usize> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = told.len() < REMEMBERED && told.insert((operation, drift.clone()));
        is_new.then_some(told.len())
    }
}
