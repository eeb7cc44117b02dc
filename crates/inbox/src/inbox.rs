//! The inbox: what books, hands out and is looked into. Clones share everything.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::timeout;
use weifen_fensi::{Booking, Bookings};
use weifen_transport::{Clock, StoreError, StoreErrorKind, SystemClock};

use crate::database::{Database, GroupCommit, OpenError};
use crate::metrics::Metrics;
use crate::store::{BookingRow, Claims, Room, Settlement, Store, Switch};
use crate::{
    Backup, BackupError, DispatchPolicy, Event, EventFilter, Intake, MissingPush, Purged, Quarantined, Rules, Stats,
    Status,
};

/// How many rows are read at once, where all are asked for.
const PAGE: u32 = 1000;
/// How long the metrics wait for the database.
const LOOKING: Duration = Duration::from_secs(2);

/// A durable inbox for pushes. It is opened within a tokio runtime, and lives as long as that and any clone.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    settlements: GroupCommit<Settlement, bool>,
    bookings: GroupCommit<BookingRow, ()>,
    /// Told when there may be something new to deliver.
    due: Notify,
    metrics: Metrics,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("database", &self.database()).finish_non_exhaustive()
    }
}

impl Inbox {
    /// Opens the inbox, makes or updates its tables, and makes sure that what it commits is on the disk.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(database: &Database) -> Result<Self, OpenError> {
        Self::open_with_clock(database, Arc::new(SystemClock)).await
    }

    /// The same by another clock, which SQLite goes by; PostgreSQL has its own.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_with_clock(database: &Database, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let store = Arc::new(Store::open(database, clock).await?);
        let metrics =
            Metrics::new().map_err(|error| StoreError::new(&**store.pool().name(), StoreErrorKind::Unusable, error))?;
        let settlements =
            store.commit_together(|store, batch: Vec<Settlement>| async move { store.settle(&batch).await });
        let bookings = store.commit_together(|store, batch: Vec<BookingRow>| async move { store.book(&batch).await });
        let inbox = Self(Arc::new(Inner { store, settlements, bookings, due: Notify::new(), metrics }));
        inbox.recall(None).await?;
        Ok(inbox)
    }

    /// What takes pushes in, and judges them by these rules.
    pub fn receiving(&self, rules: Rules) -> Intake {
        Intake::new(self.clone(), rules)
    }

    /// The database, without user and password.
    pub fn database(&self) -> &str {
        self.0.store.pool().name()
    }

    /// Events with numbers above `after`, in their order, up to a thousand: all of them, or those of one status.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn events(&self, status: Option<Status>, after: i64) -> Result<Vec<Event>, StoreError> {
        self.0.store.pool().in_time(self.0.store.events(status, after, PAGE)).await
    }

    /// The newest events, up to `limit`, in their order: of all, or of those of one status.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn newest_events(&self, status: Option<Status>, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.0.store.pool().in_time(self.0.store.newest_events(status, limit)).await
    }

    /// One event.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn event(&self, id: i64) -> Result<Option<Event>, StoreError> {
        self.0.store.pool().in_time(self.0.store.event(id)).await
    }

    /// What is in quarantine with numbers above `after`, in their order, up to a thousand.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn quarantined(&self, after: i64) -> Result<Vec<Quarantined>, StoreError> {
        self.0.store.pool().in_time(self.0.store.quarantined(None, after, PAGE)).await
    }

    /// The newest of what is in quarantine, up to `limit`, in their order.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn newest_quarantined(&self, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        self.0.store.pool().in_time(self.0.store.newest_quarantined(limit)).await
    }

    /// Lets a held event be delivered. False where there is none of that number, it isn't held, or was purged.
    ///
    /// # Errors
    /// When the database can't be written to.
    pub async fn release(&self, id: i64) -> Result<bool, StoreError> {
        self.make_due(id, Status::Held).await
    }

    /// Lets a dead event be delivered, with all its attempts and all its time before it. False where there is none of that
    /// number, it isn't dead, or was purged.
    ///
    /// # Errors
    /// When the database can't be written to.
    pub async fn redrive(&self, id: i64) -> Result<bool, StoreError> {
        self.make_due(id, Status::Dead).await
    }

    async fn make_due(&self, id: i64, from: Status) -> Result<bool, StoreError> {
        let made = self.0.store.pool().in_time(self.0.store.make_due(id, from)).await?;
        self.wake();
        Ok(made)
    }

    /// Lets the held events that match be delivered; returns their number. Some of them may be forgeries.
    ///
    /// Both this and [`redrive_matching`](Self::redrive_matching) let new events go out beside them: they have half of a
    /// dispatcher's workers at most.
    ///
    /// # Errors
    /// When the database can't be written to; some may be due then.
    pub async fn release_matching(&self, filter: &EventFilter) -> Result<u64, StoreError> {
        self.make_matching_due(Status::Held, filter).await
    }

    /// Lets the dead events that match be delivered, each once, with all their attempts and all their time before them;
    /// returns their number.
    ///
    /// # Errors
    /// When the database can't be written to; some may be due then.
    pub async fn redrive_matching(&self, filter: &EventFilter) -> Result<u64, StoreError> {
        self.make_matching_due(Status::Dead, filter).await
    }

    async fn make_matching_due(&self, from: Status, filter: &EventFilter) -> Result<u64, StoreError> {
        let made = self.0.store.make_matching_due(from, filter).await?;
        self.wake();
        Ok(made)
    }

    /// The number of events of this status that match and were not purged: those that would be released or redriven.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn count_matching(&self, status: Status, filter: &EventFilter) -> Result<u64, StoreError> {
        self.0.store.count_matching(status, filter).await
    }

    /// Resumes deliveries after their receiver has asked for no more ([`HandlerError::pause`](crate::HandlerError::pause)),
    /// for every dispatcher of the database, in any process, within a second. False where they were not paused.
    ///
    /// # Errors
    /// When the database can't be written to.
    pub async fn resume_deliveries(&self) -> Result<bool, StoreError> {
        self.0.store.pool().in_time(self.0.store.resume()).await
    }

    /// The bookings that ended longer than `ago` ago, and no push came for them.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn missing(&self, ago: Duration) -> Result<Vec<MissingPush>, StoreError> {
        self.0.store.missing(ago).await
    }

    /// Whether anything was booked. Without any booking every push is unsolicited.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn has_bookings(&self) -> Result<bool, StoreError> {
        self.0.store.pool().in_time(self.0.store.has_bookings()).await
    }

    /// Erases personal data that is older than `age`: what was pushed, what is in quarantine, and the bookings that have
    /// ended. Events that are still to be delivered keep theirs. That an event was seen is kept for good.
    ///
    /// # Errors
    /// When the database can't be written to.
    pub async fn purge(&self, age: Duration) -> Result<Purged, StoreError> {
        self.0.store.purge(age).await
    }

    /// Makes a backup of a SQLite inbox, as it is at one moment, in a new file that only its owner reads. When this returns,
    /// it is on the disk. Pushes are taken in meanwhile.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no such file.
    pub async fn back_up(&self, to: &Path) -> Result<Backup, BackupError> {
        self.0.store.back_up(to).await
    }

    /// Counts what is there.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn stats(&self) -> Result<Stats, StoreError> {
        self.recall(None).await?;
        self.0.store.stats().await
    }

    /// Whether a push could be stored now: it writes.
    ///
    /// # Errors
    /// When it could not.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.0.store.pool().in_time(self.0.store.probe()).await
    }

    /// Closes the database. What is called afterwards fails.
    pub async fn close(&self) {
        self.0.store.pool().close().await;
    }

    /// What was counted since the inbox was opened, and what waits in it, in the text format of Prometheus. Where the
    /// database can't be read within two seconds, what waited when it last could.
    ///
    /// # Errors
    /// When the text can't be written, which is a fault of ours.
    pub async fn metrics(&self) -> Result<String, prometheus::Error> {
        let waiting = timeout(LOOKING, async {
            self.recall(None).await?;
            self.0.store.waiting().await
        });
        self.0.metrics.text(waiting.await.ok().and_then(Result::ok))
    }

    pub(crate) fn stored(&self) -> &Arc<Store> {
        &self.0.store
    }

    /// Lets whoever delivers look for what is due.
    pub(crate) fn wake(&self) {
        self.0.due.notify_one();
    }

    pub(crate) fn counters(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.0.store.pool().clock()
    }

    pub(crate) async fn claim(&self, room: Room, policy: &DispatchPolicy) -> Result<Claims, StoreError> {
        self.0.store.pool().in_time(self.0.store.claim(room, policy)).await
    }

    /// Takes back what was written while the clock was wrong.
    pub(crate) async fn recall(&self, policy: Option<&DispatchPolicy>) -> Result<(), StoreError> {
        if let Some(recalled) = self.0.store.pool().in_time(self.0.store.recall(policy)).await? {
            self.0.metrics.recalled.inc_by(recalled.events);
            tracing::warn!(
                events = recalled.events,
                bookings = recalled.bookings,
                "the clock was wrong: times that it wrote ahead of now, or before 2019, count from now"
            );
        }
        Ok(())
    }

    pub(crate) async fn switch(&self) -> Result<Switch, StoreError> {
        self.0.store.pool().in_time(self.0.store.switch()).await
    }

    pub(crate) async fn pause_deliveries(&self, resumptions: i64) -> Result<(), StoreError> {
        self.0.store.pool().in_time(self.0.store.pause(resumptions)).await
    }

    /// False: the claim was no longer its worker's, and nothing has changed.
    pub(crate) async fn settle(&self, settlement: Settlement) -> Result<bool, StoreError> {
        self.0.settlements.commit(settlement).await
    }

    /// Waits until there may be something new to deliver.
    pub(crate) async fn until_due(&self) {
        self.0.due.notified().await;
    }
}

#[async_trait]
impl Bookings for Inbox {
    async fn book(&self, booking: &Booking) -> Result<(), StoreError> {
        let row = BookingRow::try_from(booking)
            .map_err(|error| StoreError::new(self.database(), StoreErrorKind::Unusable, error))?;
        self.0.bookings.commit(row).await
    }
}
