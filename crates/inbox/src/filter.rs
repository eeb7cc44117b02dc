//! Filter of events: those that are listed, or that a bulk release or redrive is about.

use std::time::SystemTime;
use weifen_database::milliseconds;

use crate::HoldReason;

/// Selects the events that match all conditions; by default all events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct EventFilter {
    since: Option<SystemTime>,
    until: Option<SystemTime>,
    device: Option<String>,
    user: Option<String>,
    account: Option<String>,
    reference: Option<String>,
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

    /// Selects only events of this user, the push's `auth_open_id`; every event for an empty text.
    pub fn user(mut self, auth_open_id: impl Into<String>) -> Self {
        self.user = Some(auth_open_id.into());
        self
    }

    /// Selects only events of the account with this `appid`; every event for an empty one.
    pub fn account(mut self, appid: impl Into<String>) -> Self {
        self.account = Some(appid.into());
        self
    }

    /// Selects only events of bookings with this reference; every event for an empty text.
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Selects only events that are, or were, held for this reason.
    pub fn hold_reason(mut self, reason: HoldReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Start and end, in milliseconds since 1970, where one of them is given.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let is_given = self.since.is_some() || self.until.is_some();
        is_given.then(|| {
            (self.since.map_or(0, milliseconds::since_1970), self.until.map_or(i64::MAX, milliseconds::since_1970))
        })
    }

    /// The columns of events that must hold a text, with that text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let columns = [
            ("auth_open_id", &self.user),
            ("reference", &self.reference),
            ("device_key", &self.device),
            ("appid", &self.account),
        ];
        columns.into_iter().filter_map(|(name, text)| Some((name, text.as_deref().filter(|text| !text.is_empty())?)))
    }

    pub(crate) fn reason(&self) -> Option<HoldReason> {
        self.reason
    }
}
