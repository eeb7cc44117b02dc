//! Filter of the held or dead events that a bulk release or redrive is about.

use std::time::SystemTime;

use crate::HoldReason;
use weifen_database::milliseconds;

/// Selects the events that match all conditions; by default all events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct EventFilter {
    since: Option<SystemTime>,
    until: Option<SystemTime>,
    device: Option<String>,
    reason: Option<HoldReason>,
}

impl EventFilter {
    /// Selects every event.
    pub fn new() -> Self {
        Self::default()
    }

    /// Selects only events that came in at this time or later.
    pub fn since(mut self, time: SystemTime) -> Self {
        self.since = Some(time);
        self
    }

    /// Selects only events that came in before this time.
    pub fn until(mut self, time: SystemTime) -> Self {
        self.until = Some(time);
        self
    }

    /// Selects only events of the device with this `key`; every event for an empty key.
    pub fn device(mut self, key: impl Into<String>) -> Self {
        self.device = Some(key.into());
        self
    }

    /// Selects only events that are, or were, held for this reason.
    pub fn hold_reason(mut self, reason: HoldReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Start and end, in milliseconds since 1970.
    pub(crate) fn span(&self) -> (i64, i64) {
        (self.since.map_or(0, milliseconds::since_1970), self.until.map_or(i64::MAX, milliseconds::since_1970))
    }

    pub(crate) fn device_or_empty(&self) -> &str {
        self.device.as_deref().unwrap_or_default()
    }

    pub(crate) fn reason(&self) -> Option<HoldReason> {
        self.reason
    }
}
