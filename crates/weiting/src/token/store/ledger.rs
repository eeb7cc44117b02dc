//! The count of fetches per Beijing day, which the vendor limits.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use weifen_transport::Withheld;

use super::day::{BeijingDay, day_ends_at};

/// Number of past days that are kept, so that a clock that is set back still finds its count.
const KEPT: i64 = 3;

/// Number of fetches on each Beijing day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ledger(BTreeMap<BeijingDay, u32>);

impl Ledger {
    pub(super) fn fetches(&self, now: SystemTime) -> u32 {
        self.0.get(&BeijingDay::of(now)).copied().unwrap_or_default()
    }

    /// Refuses a fetch beyond the daily limit.
    pub(super) fn check(&self, now: SystemTime, limit: u32) -> Result<(), Withheld> {
        if self.fetches(now) < limit {
            return Ok(());
        }
        Err(Withheld::DailyLimit { limit, until: day_ends_at(now) })
    }

    pub(super) fn book(&mut self, now: SystemTime) {
        let today = BeijingDay::of(now);
        self.0.retain(|day, _| is_kept(*day, today));
        *self.0.entry(today).or_default() += 1;
    }

    pub(super) fn is_over(&self, now: SystemTime) -> bool {
        let today = BeijingDay::of(now);
        !self.0.keys().any(|day| is_kept(*day, today))
    }
}

/// Returns false for days that are too old, and for days after tomorrow, which a clock far ahead counted. Tomorrow may
/// be the count of another machine, whose clock is a little ahead.
fn is_kept(day: BeijingDay, today: BeijingDay) -> bool {
    today.earlier(KEPT) <= day && day.earlier(1) <= today
}
