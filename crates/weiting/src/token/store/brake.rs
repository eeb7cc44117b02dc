//! The pause between fetches: two at once, then one each 10 s, and longer pauses while they fail.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use weifen_transport::Withheld;

use crate::token::milliseconds;

/// Pause between two fetches.
const APART: Duration = Duration::from_secs(10);

/// Burst allowance: two fetches may follow one another at once, so that a fresh token that is rejected is replaced
/// without delay.
const AHEAD: Duration = APART.saturating_mul(2);

/// Longest pause, after many setbacks in a row.
const FARTHEST: Duration = Duration::from_secs(300);

/// Decides from when on the next fetch may go out. A stored time further ahead than any can be was written before the
/// clock was set back, and is ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Brake {
    /// Number of fetches in a row that brought no token, or one that was rejected.
    setbacks: u32,
    #[serde(rename = "last_fetch_at_ms", with = "milliseconds")]
    last_fetch_at: SystemTime,
    /// End of the time that the fetches so far would take if spread 10 s apart.
    #[serde(rename = "spread_until_ms", with = "milliseconds")]
    spread_until: SystemTime,
}

impl Default for Brake {
    fn default() -> Self {
        Self { setbacks: 0, last_fetch_at: SystemTime::UNIX_EPOCH, spread_until: SystemTime::UNIX_EPOCH }
    }
}

impl Brake {
    /// Time from which the next fetch may go out; in the past where it may now.
    pub(super) fn free_at(&self, now: SystemTime) -> SystemTime {
        let spread = self.spread(now) + APART - AHEAD;
        if self.last_fetch_at > now + APART {
            return spread;
        }
        spread.max(self.last_fetch_at + pause(self.setbacks))
    }

    pub(super) fn check(&self, now: SystemTime) -> Result<(), Withheld> {
        let until = self.free_at(now);
        if until <= now { Ok(()) } else { Err(Withheld::Brake { until }) }
    }

    pub(super) fn book(&mut self, now: SystemTime) {
        self.spread_until = self.spread(now) + APART;
        self.last_fetch_at = now;
    }

    pub(super) fn set_back(&mut self) {
        self.setbacks = self.setbacks.saturating_add(1);
    }

    pub(super) fn recover(&mut self) {
        self.setbacks = 0;
    }

    pub(super) fn last_fetch_at(&self) -> SystemTime {
        self.last_fetch_at
    }

    fn spread(&self, now: SystemTime) -> SystemTime {
        if self.spread_until > now + AHEAD { now } else { self.spread_until.max(now) }
    }
}

/// The pause after a number of setbacks. The first adds none: the burst allowance covers it.
fn pause(setbacks: u32) -> Duration {
    match setbacks {
        0 | 1 => Duration::ZERO,
        more => APART.saturating_mul(2_u32.saturating_pow(more - 2)).min(FARTHEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    /// Seconds at which fetches went out, of one tried each second for `seconds`; with `fails`, each is a setback.
    fn fetches(seconds: u64, fails: bool) -> Vec<u64> {
        let mut brake = Brake::default();
        let mut went_out = Vec::new();
        for second in 0..seconds {
            while brake.check(at(second)).is_ok() {
                brake.book(at(second));
                went_out.push(second);
                assert!(went_out.len() < 100, "nothing brakes: {went_out:?}");
                if fails {
                    brake.set_back();
                }
            }
        }
        went_out
    }

    #[test]
    fn two_go_out_at_once_and_then_one_each_ten_seconds() {
        assert_eq!(fetches(35, false), [0, 0, 10, 20, 30]);
    }

    #[test]
    fn fetches_that_fail_become_rarer_until_five_minutes_lie_between_them() {
        assert_eq!(fetches(1300, true), [0, 0, 10, 30, 70, 150, 310, 610, 910, 1210]);
    }

    #[test]
    fn a_last_fetch_is_believed_up_to_ten_seconds_ahead() {
        let mut brake = Brake::default();
        brake.book(at(10));
        for _ in 0..8 {
            brake.set_back();
        }
        assert_eq!(brake.free_at(at(0)), at(310));
        assert!(brake.free_at(at(0) - Duration::from_millis(1)) <= at(0));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_lengthen_the_pause() {
        let mut brake = Brake::default();
        for _ in 0..8 {
            brake.book(at(7200));
            brake.set_back();
        }
        assert!(brake.check(at(7201)).is_err());
        assert!(brake.check(at(0)).is_ok());
    }
}
