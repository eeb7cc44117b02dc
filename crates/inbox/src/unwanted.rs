//! Caps on quarantine and held events: whoever knows a push secret could fill the disk with either.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::Rules;

/// The period of a rate.
const MINUTE: Duration = Duration::from_secs(60);
/// Number of senders whose rates are counted. Beyond it new senders are capped by bytes alone.
const SENDERS: usize = 1024;
/// Within 1/8 of the cap the bytes are counted anew before more is refused: some may have been removed.
const NEAR: u64 = 8;
/// Time between two counts.
const PAUSE: Duration = Duration::from_secs(10);

/// The cap that a push to be held or quarantined exceeds: nothing of it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub(crate) enum Excess {
    #[error("quarantine and held events have reached serve.quarantine_mib")]
    Bytes,
    #[error("the sender has reached serve.quarantine_rate")]
    Rate,
}

impl Excess {
    pub(crate) const ALL: [Self; 2] = [Self::Bytes, Self::Rate];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Rate => "rate",
        }
    }
}

/// The bytes of quarantine and held events, and the rates of their senders.
#[derive(Debug, Default)]
pub(crate) struct Unwanted {
    bytes: AtomicU64,
    counting: Mutex<Counting>,
    /// Start of each sender's current minute, and the number of pushes in it.
    senders: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

/// The last count of the bytes in the database, finished or not.
#[derive(Debug, Default)]
struct Counting {
    tried: Option<Instant>,
    /// Bytes that were known when the count began.
    known: u64,
    is_done: bool,
}

impl Unwanted {
    /// Admits a push of so many bytes, and counts it.
    ///
    /// # Errors
    /// The limit that the push would exceed.
    pub(crate) fn admit(&self, rules: &Rules, bytes: usize, sender: Option<IpAddr>) -> Result<(), Excess> {
        if sender.is_some_and(|sender| !self.is_within(rules.most_unwanted_a_minute(), sender)) {
            return Err(Excess::Rate);
        }
        let most = rules.most_unwanted_bytes();
        let more = |held: u64| held.checked_add(bytes as u64).filter(|sum| *sum <= most);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).map_err(|_| Excess::Bytes)?;
        Ok(())
    }

    fn is_within(&self, rate: u32, sender: IpAddr) -> bool {
        let now = Instant::now();
        let mut senders = lock(&self.senders);
        let is_over = |begun: &Instant| now.duration_since(*begun) >= MINUTE;
        if senders.len() >= SENDERS {
            senders.retain(|_, (begun, _)| !is_over(begun));
        }
        if senders.len() >= SENDERS && !senders.contains_key(&sender) {
            return true;
        }
        let (begun, pushes) = senders.entry(sender).or_insert((now, 0));
        if is_over(begun) {
            (*begun, *pushes) = (now, 0);
        }
        *pushes = pushes.saturating_add(1);
        *pushes <= rate
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// True where the bytes have to be counted in the database: they never were, or are near the cap.
    pub(crate) fn is_to_be_counted(&self, rules: &Rules) -> bool {
        let mut counting = lock(&self.counting);
        let near = rules.most_unwanted_bytes() - rules.most_unwanted_bytes() / NEAR;
        let is_wanted = !counting.is_done || self.bytes() >= near;
        let is_due = is_wanted && counting.tried.is_none_or(|at| at.elapsed() >= PAUSE);
        if is_due {
            (counting.tried, counting.known) = (Some(Instant::now()), self.bytes());
        }
        is_due
    }

    /// Takes the bytes that were counted in the database, and adds those that came in during the count: they may be
    /// missing from it.
    pub(crate) fn are(&self, counted: u64) {
        let mut counting = lock(&self.counting);
        counting.is_done = true;
        let corrected = |bytes: u64| Some(counted + bytes.saturating_sub(counting.known));
        let _ = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, corrected);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[tokio::test(start_paused = true)]
    async fn a_sender_has_its_rate_each_minute_and_others_have_theirs() {
        let (unwanted, rules) = (Unwanted::default(), Rules::new("d").quarantine_rate(2));
        let admit = |sender| unwanted.admit(&rules, 1, sender);
        assert_eq!([(); 3].map(|()| admit(Some(SENDER))), [Ok(()), Ok(()), Err(Excess::Rate)]);
        assert_eq!(admit(Some("192.0.2.2".parse().unwrap())), Ok(()));
        assert_eq!([(); 3].map(|()| admit(None)), [Ok(()); 3]);
        tokio::time::advance(MINUTE).await;
        assert_eq!(admit(Some(SENDER)), Ok(()));
        assert_eq!(unwanted.bytes(), 7, "what is refused takes no room");
    }

    #[tokio::test(start_paused = true)]
    async fn senders_without_number_take_no_memory_without_bound() {
        let (unwanted, rules) = (Unwanted::default(), Rules::new("d").quarantine_rate(1));
        for number in 0..3000_u32 {
            assert_eq!(unwanted.admit(&rules, 1, Some(IpAddr::from(number.to_be_bytes()))), Ok(()));
        }
        assert_eq!(lock(&unwanted.senders).len(), SENDERS);
    }

    #[test]
    fn bytes_end_at_their_bound() {
        let (unwanted, rules) = (Unwanted::default(), Rules::new("d").quarantine_bytes(10));
        assert_eq!(unwanted.admit(&rules, 8, None), Ok(()));
        assert_eq!(unwanted.admit(&rules, 3, None), Err(Excess::Bytes));
        assert_eq!(unwanted.admit(&rules, 2, None), Ok(()));
        assert!(unwanted.is_to_be_counted(&rules));
        unwanted.are(0);
        assert_eq!(unwanted.admit(&rules, 3, None), Ok(()));
    }

    #[test]
    fn what_comes_in_while_they_are_counted_is_not_forgotten() {
        let (unwanted, rules) = (Unwanted::default(), Rules::new("d").quarantine_bytes(10));
        assert!(unwanted.is_to_be_counted(&rules));
        assert_eq!(unwanted.admit(&rules, 4, None), Ok(()));
        unwanted.are(5);
        assert_eq!(unwanted.bytes(), 9);
        assert!(!unwanted.is_to_be_counted(&rules), "it was just done");
    }
}
