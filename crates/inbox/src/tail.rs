//! The events of an inbox as they come in and are settled, by whichever server or program of the database.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::time::Duration;

use tokio::time::sleep;
use weifen_database::{LONGEST, milliseconds};
use weifen_transport::{StoreError, StoreErrorKind};

use crate::{Event, Inbox, Status};

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// Number of ids below the highest that are looked at again: servers of one database may commit out of order.
const OVERLAP: i64 = 4096;
/// Time before the last look for which settled events are looked at again: longer than a transaction lasts.
const LATE: Duration = LONGEST.saturating_add(Duration::from_secs(2));
/// Tolerance for a clock that is set back, in milliseconds.
const SLACK: i64 = 2000;
/// Number of changes that are returned at once, at the most.
const TOGETHER: usize = 200;

/// What happened to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// It came in.
    Received,
    /// It came in and waits for a person.
    Held,
    /// Its handler took it.
    Delivered,
    /// It was given up, and waits for a person.
    Dead,
}

impl ChangeKind {
    /// The word that stands for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// A change of an event.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// The event as it is now, perhaps changed again since.
    pub event: Event,
}

/// The clock was set back, so that times of before and after can't be told apart.
#[derive(Debug, thiserror::Error)]
#[error("the database's clock was set back: changes of the last seconds may be missing")]
struct SetBack;

/// The changes of an inbox's events from a moment on, by [`Inbox::tail`]. It asks the database twice a second, for
/// all that has changed at once.
pub struct Tail {
    inbox: Inbox,
    /// Numbers that were seen, among those that are looked at again.
    received: BTreeSet<i64>,
    /// The same of settled events, by time and number.
    settled: BTreeSet<(i64, i64)>,
    /// Time of the last look, by the database's clock, in milliseconds since 1970.
    looked_at: i64,
    /// Changes that were seen and not returned yet.
    outstanding: VecDeque<Seen>,
}

#[derive(Debug, Clone, Copy)]
enum Seen {
    Received(i64),
    Settled(i64),
}

impl Seen {
    fn id(self) -> i64 {
        match self {
            Self::Received(id) | Self::Settled(id) => id,
        }
    }

    fn kinds(self, status: Status) -> &'static [ChangeKind] {
        match (self, status) {
            (Self::Received(_), Status::Held) => &[ChangeKind::Received, ChangeKind::Held],
            (Self::Received(_), _) => &[ChangeKind::Received],
            (Self::Settled(_), Status::Delivered) => &[ChangeKind::Delivered],
            (Self::Settled(_), Status::Dead) => &[ChangeKind::Dead],
            // It was redriven since.
            (Self::Settled(_), _) => &[],
        }
    }
}

impl Tail {
    pub(crate) async fn from_now(inbox: Inbox) -> Result<Self, StoreError> {
        let store = inbox.stored();
        let (newest, now) = store.pool().in_time(store.newest()).await?;
        let mut tail = Self {
            inbox,
            received: BTreeSet::from([newest]),
            settled: BTreeSet::new(),
            looked_at: now,
            outstanding: VecDeque::new(),
        };
        tail.look().await?;
        tail.outstanding.clear();
        Ok(tail)
    }

    /// Waits for changes and returns them, up to a few hundred: an event's in their order. It may be dropped and
    /// called again without loss.
    ///
    /// # Errors
    /// When the database can't be read. Called again, it goes on where it was: nothing is lost, unless the error says
    /// that the clock was set back.
    pub async fn next(&mut self) -> Result<Vec<Change>, StoreError> {
        loop {
            while self.outstanding.is_empty() {
                sleep(LOOK).await;
                self.look().await?;
            }
            let changes = self.read().await?;
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
    }

    /// Notes what has changed since the last look.
    async fn look(&mut self) -> Result<(), StoreError> {
        let store = self.inbox.stored();
        let (after, since) = (self.lowest_number(), self.looked_at.saturating_sub(milliseconds::of(LATE)));
        let (lately, now) = store.pool().in_time(store.lately(after, since)).await?;
        let is_set_back = now < self.looked_at.saturating_sub(SLACK);
        self.looked_at = now;
        if is_set_back {
            self.settled = lately.settled.into_iter().collect();
            return Err(StoreError::new(self.inbox.database(), StoreErrorKind::Unavailable, SetBack));
        }
        for id in lately.received {
            if self.received.insert(id) {
                self.outstanding.push_back(Seen::Received(id));
            }
        }
        for (settled_at, id) in lately.settled {
            if self.settled.insert((settled_at, id)) {
                self.outstanding.push_back(Seen::Settled(id));
            }
        }
        self.received = self.received.split_off(&self.lowest_number());
        self.settled = self.settled.split_off(&(since, 0));
        Ok(())
    }

    fn lowest_number(&self) -> i64 {
        self.received.last().map_or(0, |highest| highest.saturating_sub(OVERLAP))
    }

    /// Reads the events of the next changes.
    async fn read(&mut self) -> Result<Vec<Change>, StoreError> {
        let store = self.inbox.stored();
        let seen: Vec<_> = self.outstanding.iter().copied().take(TOGETHER).collect();
        let ids: Vec<_> = seen.iter().map(|seen| seen.id()).collect();
        let events = store.pool().in_time(store.events_numbered(&ids)).await?;
        let events: BTreeMap<_, _> = events.into_iter().map(|event| (event.id, event)).collect();
        self.outstanding.drain(..seen.len());
        let changes = seen.iter().filter_map(|seen| Some((seen, events.get(&seen.id())?)));
        let changes = changes.flat_map(|(seen, event)| {
            let kinds = seen.kinds(event.status).iter();
            kinds.map(move |kind| Change { kind: *kind, event: event.clone() })
        });
        Ok(changes.collect())
    }
}

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tail").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}
