//! Rate limit for lines of the log: each is written once in a while.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Number of keys that are tracked. Beyond it a new line waits until an old one may be written again.
const LINES: usize = 1024;

/// The times at which lines were written last, by their keys.
#[derive(Debug)]
pub(crate) struct Seldom<K> {
    pause: Duration,
    written: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Seldom<K> {
    /// Allows one line in `pause` for each key.
    pub(crate) fn new(pause: Duration) -> Self {
        Self { pause, written: Mutex::default() }
    }

    /// True where the line of this key may be written now, which then counts as written.
    pub(crate) fn is_due(&self, key: K) -> bool {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_recent = |at: &Instant| now.duration_since(*at) < self.pause;
        if written.get(&key).is_some_and(is_recent) {
            return false;
        }
        if written.len() >= LINES {
            written.retain(|_, at| is_recent(at));
        }
        let has_room = written.len() < LINES;
        if has_room {
            written.insert(key, now);
        }
        has_room
    }
}
