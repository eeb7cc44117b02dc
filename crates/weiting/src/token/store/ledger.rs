//! The count of fetches a day, which the vendor limits.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use weifen_transport::Withheld;

use super::day::{BeijingDay, day_ends_at};

/// How many past days are kept, so that a clock that goes back finds its count.
const KEPT: i64 = 3;

/// How many fetches were booked, a Beijing day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ledger(BTreeMap<BeijingDay, u32>);

impl Ledger {
    pub(super) fn fetches(&self, now: SystemTime) -> u32 {
        self.0.get(&BeijingDay::of(now)).copied().unwrap_or_default()
    }

    /// Whether the day has a fetch left.
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

/// Later days than tomorrow were counted by a clock that was far ahead. Tomorrow's may be another machine's, whose clock is
/// a little ahead.
fn is_kept(day: BeijingDay, today: BeijingDay) -> bool {
    today.earlier(KEPT) <= day && day.earlier(1) <= today
}
