//! The inbox: it books, hands out events and answers queries. Clones share everything.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::timeout;
use weifen_database::{Database, GroupCommit, OpenError, Pool, Writing};
use weifen_fensi::{Booking, Bookings};
use weifen_transport::{Clock, StoreError, StoreErrorKind, SystemClock};

use crate::dispatcher::Judge;
use crate::metrics::Metrics;
use crate::store::{BookingRow, Claims, Leased, Mode, Room, Settlement, Store, Switch};
use crate::waiting::Waiting;
use crate::{
    Backup, BackupError, BookingStatus, DispatchPolicy, Event, EventFilter, Intake, KeptBooking, MissingPush, Purged,
    Quarantined, Rules, Stats, Status, Tail,
};

/// Number of rows that one query reads where all are asked for.
const PAGE: u32 = 1000;
/// Timeout of the database query for the metrics.
const LOOKING: Duration = Duration::from_secs(2);

/// A durable inbox for pushes. It is opened within a tokio runtime, and lives as long as the runtime and any clone.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    settlements: GroupCommit<Settlement, bool>,
    bookings: GroupCommit<BookingRow, ()>,
    /// Bookings that are asked for by name: many share a query.
    named: GroupCommit<String, Option<KeptBooking>>,
    waiting: Arc<Waiting>,
    /// Notified when there may be something new to deliver.
    due: Notify,
    metrics: Metrics,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("database", &self.database()).finish_non_exhaustive()
    }
}

impl Inbox {
    /// Opens the inbox, makes or migrates its tables, and makes its commits durable.
    ///
    /// # Errors
    /// [`OpenError`]: each variant says what to do, its [`kind`](OpenError::kind) whether opening may be tried again.
    pub async fn open(database: &Database) -> Result<Self, OpenError> {
        Self::open_with_clock(database, Arc::new(SystemClock)).await
    }

    /// The same with another clock, for SQLite; PostgreSQL has its own.
    ///
    /// # Errors
    /// [`OpenError`], as for [`open`](Self::open).
    pub async fn open_with_clock(database: &Database, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let store = Arc::new(Store::open(database, clock).await?);
        let metrics =
            Metrics::new().map_err(|error| StoreError::new(&**store.pool().name(), StoreErrorKind::Unusable, error))?;
        let settlements =
            store.commit_together(|store, batch: Vec<Settlement>| async move { store.settle(&batch).await });
        let bookings = store.commit_together(|store, batch: Vec<BookingRow>| async move { store.book(&batch).await });
        let named = store.commit_together(|store, ids: Vec<String>| async move {
            let found = store.bookings_named(&ids).await?;
            Ok(ids.iter().map(|id| found.iter().find(|booking| booking.id == *id).cloned()).collect())
        });
        let inbox = Self(Arc::new(Inner {
            store,
            settlements,
            bookings,
            named,
            waiting: Arc::default(),
            due: Notify::new(),
            metrics,
        }));
        inbox.recall(None).await?;
        Ok(inbox)
    }

    /// Returns the intake, which takes pushes in and judges them by these rules.
    pub fn receiving(&self, rules: Rules) -> Intake {
        Intake::new(self.clone(), rules)
    }

    /// The database, without user and password.
    pub fn database(&self) -> &str {
        self.0.store.pool().name()
    }

    /// Returns events with numbers above `after`, in their order, up to a thousand: all, or those of one status.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn events(&self, status: Option<Status>, after: i64) -> Result<Vec<Event>, StoreError> {
        self.0.store.pool().in_time(self.0.store.events(status, after, PAGE)).await
    }

    /// Returns the newest events, up to `limit`, in their order: of all, or of one status.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn newest_events(&self, status: Option<Status>, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.0.store.pool().in_time(self.0.store.newest_events(status, limit)).await
    }

    /// Returns events with numbers below `before` that match, the newest first, up to `limit`: all, or those of one
    /// status.
    ///
    /// The first call with a filter that names a text reads all events that an older version stored, and takes as
    /// long.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn matching_events(
        &self,
        status: Option<Status>,
        filter: &EventFilter,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.0.store.matching_events(status, filter, before, limit).await
    }

    /// Returns the event of this webhook id, the text of its [`IdempotencyKey`](crate::IdempotencyKey).
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn event_named(&self, webhook_id: &str) -> Result<Option<Event>, StoreError> {
        self.0.store.event_named(webhook_id).await
    }

    /// Returns the changes of events from now on, by whichever server or program of the database.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn tail(&self) -> Result<Tail, StoreError> {
        Tail::from_now(self.clone()).await
    }

    /// Returns the event of this number.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn event(&self, id: i64) -> Result<Option<Event>, StoreError> {
        self.0.store.pool().in_time(self.0.store.event(id)).await
    }

    /// Returns quarantined requests with numbers above `after`, in their order, up to a thousand.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn quarantined(&self, after: i64) -> Result<Vec<Quarantined>, StoreError> {
        self.0.store.pool().in_time(self.0.store.quarantined(None, after, PAGE)).await
    }

    /// Returns quarantined requests with numbers below `before`, the newest first, up to `limit`, and fewer where
    /// their bodies are long; and true where there are more.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn quarantined_before(&self, before: i64, limit: u32) -> Result<(Vec<Quarantined>, bool), StoreError> {
        self.0.store.pool().in_time(self.0.store.quarantined_before(before, limit)).await
    }

    /// Returns the newest quarantined requests, up to `limit`, in their order.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn newest_quarantined(&self, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        self.0.store.pool().in_time(self.0.store.newest_quarantined(limit)).await
    }

    /// Releases a held event for delivery. False where there is none of that number, it isn't held, or was purged.
    ///
    /// # Errors
    /// When the database can't be written to. After a timeout the release may still be committed; repeating is safe.
    pub async fn release(&self, id: i64) -> Result<bool, StoreError> {
        self.make_due(id, Status::Held).await
    }

    /// Redrives a dead event: it is delivered with its attempts and time counted from zero. Returns false if there is
    /// none of that number, it isn't dead, or was purged.
    ///
    /// # Errors
    /// When the database can't be written to. After a timeout the redrive may still be committed; repeating is safe.
    pub async fn redrive(&self, id: i64) -> Result<bool, StoreError> {
        self.make_due(id, Status::Dead).await
    }

    async fn make_due(&self, id: i64, from: Status) -> Result<bool, StoreError> {
        let made = self.0.store.pool().in_time(self.0.store.make_due(id, from)).await?;
        self.wake();
        Ok(made)
    }

    /// Releases the held events that match; returns their number. Some of them may be forgeries.
    ///
    /// Like [`redrive_matching`](Self::redrive_matching), it does not block new events: its events take at most half
    /// of a dispatcher's workers.
    ///
    /// # Errors
    /// When the database can't be written to; some may be released by then. Repeating is safe.
    pub async fn release_matching(&self, filter: &EventFilter) -> Result<u64, StoreError> {
        self.make_matching_due(Status::Held, filter).await
    }

    /// Redrives the dead events that match, each once, with attempts and time counted anew; returns their number.
    ///
    /// # Errors
    /// When the database can't be written to; some may be redriven by then. Repeating is safe.
    pub async fn redrive_matching(&self, filter: &EventFilter) -> Result<u64, StoreError> {
        self.make_matching_due(Status::Dead, filter).await
    }

    async fn make_matching_due(&self, from: Status, filter: &EventFilter) -> Result<u64, StoreError> {
        let made = self.0.store.make_matching_due(from, filter).await?;
        self.wake();
        Ok(made)
    }

    /// Counts the events of this status that match and were not purged: those that would be released or redriven.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn count_matching(&self, status: Status, filter: &EventFilter) -> Result<u64, StoreError> {
        self.0.store.count_matching(status, filter).await
    }

    /// Resumes deliveries after their receiver asked to stop
    /// ([`HandlerError::pause`](crate::HandlerError::pause)), for every dispatcher of the database, in any process,
    /// within a second. Returns false where they were not paused.
    ///
    /// # Errors
    /// When the database can't be written to. After a timeout they may still be resumed; repeating is safe.
    pub async fn resume_deliveries(&self) -> Result<bool, StoreError> {
        self.0.store.pool().in_time(self.0.store.resume()).await
    }

    /// Returns the bookings that ended longer than `ago` ago without a push.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn missing(&self, ago: Duration) -> Result<Vec<MissingPush>, StoreError> {
        self.0.store.missing(ago).await
    }

    /// Returns true if there is any booking. Without one every push is unsolicited.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn has_bookings(&self) -> Result<bool, StoreError> {
        self.0.store.pool().in_time(self.0.store.has_bookings()).await
    }

    /// Erases personal data that is older than `age`: pushes, quarantined requests, and bookings that have ended.
    /// Pending events keep theirs. The digests by which a copy of an event is recognised stay for good.
    ///
    /// # Errors
    /// When the database can't be written to; some rows may be erased by then. Repeating is safe.
    pub async fn purge(&self, age: Duration) -> Result<Purged, StoreError> {
        self.0.store.purge(age).await
    }

    /// Makes a backup of a SQLite inbox, a snapshot of one moment, in a new file that only its owner reads. It is on
    /// the disk when this returns. Pushes are taken in meanwhile.
    ///
    /// # Errors
    /// [`BackupError`], whose variants say what to do; then there is no such file.
    pub async fn back_up(&self, to: &Path) -> Result<Backup, BackupError> {
        self.0.store.back_up(to).await
    }

    /// Counts the inbox's rows. It first corrects times that a wrong clock wrote.
    ///
    /// # Errors
    /// When the database can't be read, or those times can't be corrected.
    pub async fn stats(&self) -> Result<Stats, StoreError> {
        self.recall(None).await?;
        self.0.store.stats().await
    }

    /// Checks by a write that a push could be stored now.
    ///
    /// # Errors
    /// When a push could not be stored: the database is unreachable, locked or full (`Unavailable`), or can't be used
    /// (`Unusable`).
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.0.store.pool().in_time(self.0.store.probe()).await
    }

    /// Keeps a booking for good, as [`Bookings::book`] does, and returns it.
    ///
    /// # Errors
    /// The database is unreachable, locked or full. The booking may still be stored.
    pub async fn keep_booking(&self, booking: &Booking) -> Result<Option<KeptBooking>, StoreError> {
        let id = self.commit_booking(booking).await?;
        self.booking(&id).await
    }

    /// Keeps a booking in a transaction on this inbox's [`pool`](Self::pool): it is there once that is committed.
    ///
    /// # Errors
    /// When the database can't be written to, or the booking fails its [`check`](Booking::check).
    pub async fn keep_booking_in(
        &self,
        writing: &mut Writing<'_>,
        booking: &Booking,
    ) -> Result<KeptBooking, sqlx::Error> {
        let row = BookingRow::try_from(booking).map_err(|error| sqlx::Error::Encode(error.into()))?;
        self.0.store.book_in(writing, &row).await
    }

    /// The connections to the database, for a program that commits rows of its own together with the inbox's.
    pub fn pool(&self) -> &Arc<Pool> {
        self.0.store.pool()
    }

    /// Returns its name.
    async fn commit_booking(&self, booking: &Booking) -> Result<String, StoreError> {
        let row = BookingRow::try_from(booking)
            .map_err(|error| StoreError::new(self.database(), StoreErrorKind::Unusable, error))?;
        let id = row.id.clone();
        self.0.bookings.commit(row).await?;
        Ok(id)
    }

    /// Returns the booking of this name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn booking(&self, id: &str) -> Result<Option<KeptBooking>, StoreError> {
        self.0.named.commit(id.to_owned()).await
    }

    /// Returns the booking of this name as soon as its status is another one than `status`, else as it is at `end`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn booking_until(
        &self,
        id: &str,
        status: BookingStatus,
        end: impl Future<Output = ()>,
    ) -> Result<Option<KeptBooking>, StoreError> {
        match self.booking(id).await? {
            Some(booking) if booking.status == status => {
                Ok(Some(self.0.waiting.until_changed(&self.0.store, booking, end).await))
            }
            found => Ok(found),
        }
    }

    /// Returns bookings with numbers below `before`, the newest first, up to `limit`: of this reference and of this
    /// user, where they are given.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn bookings(
        &self,
        reference: Option<&str>,
        auth_open_id: Option<&str>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<KeptBooking>, StoreError> {
        let (reference, user) = (reference.unwrap_or_default(), auth_open_id.unwrap_or_default());
        self.0.store.pool().in_time(self.0.store.bookings(reference, user, before, limit)).await
    }

    /// Closes the database. Later calls fail.
    pub async fn close(&self) {
        self.0.store.pool().close().await;
    }

    /// Returns the counters since the inbox was opened, and the backlog, in the text format of Prometheus. Where the
    /// database can't be read within two seconds, the last known backlog.
    ///
    /// # Errors
    /// When the text can't be encoded, which is a bug of this crate.
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

    /// Wakes the dispatcher.
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

    pub(crate) async fn lease(&self, room: Room, lease: Duration, judge: &Judge) -> Result<Option<Leased>, StoreError> {
        self.0.store.pool().in_time(self.0.store.lease(room, lease, judge)).await
    }

    /// Counts and logs an event that was given up without another attempt.
    pub(crate) fn has_given_up(&self, id: i64, failure: &str) {
        self.0.metrics.dead.inc();
        tracing::error!(
            id,
            failure,
            "gave up an event without another attempt; the event is now dead: `weifen inbox redrive ID` delivers it"
        );
    }

    /// Makes this the way in which events leave the inbox, and resumes deliveries.
    pub(crate) async fn begin(&self, mode: Mode) -> Result<(), StoreError> {
        self.0.store.pool().in_time(self.0.store.begin(mode)).await
    }

    /// Corrects the times that were written while the clock was wrong.
    pub(crate) async fn recall(&self, policy: Option<&DispatchPolicy>) -> Result<(), StoreError> {
        if let Some(recalled) = self.0.store.pool().in_time(self.0.store.recall(policy)).await? {
            self.0.metrics.recalled.inc_by(recalled.events);
            tracing::warn!(
                events = recalled.events,
                bookings = recalled.bookings,
                "the clock was wrong: stored times in the future or before 2019 now count from the current time"
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

    /// Writes an attempt's outcome. False: the lease had passed to another worker, and nothing has changed.
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
        self.commit_booking(booking).await.map(drop)
    }
}
