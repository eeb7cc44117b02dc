//! The inbox: what receives, books, hands out and is looked into. Clones share everything.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::timeout;
use weifen_fensi::transport::{Clock, DriftWatch, StoreError, StoreErrorKind};
use weifen_fensi::{Booking, Bookings, Push};
use weifen_proto::Vendor;

use crate::arrival::{Arrival, Strange};
use crate::group_commit::GroupCommit;
use crate::metrics::Metrics;
use crate::packet::Document;
use crate::seldom::Seldom;
use crate::store::{BookingRow, Claims, Reread, Room, Settlement, Store, Stranger, Switch};
use crate::{
    Database, DispatchPolicy, Event, EventFilter, HoldReason, InboxBuilder, MissingPush, OpenError, Packet, Purged,
    QuarantineFilter, Quarantined, Readmitted, Receipt, Rules, Stats, Status, milliseconds,
};

/// How many rows are read at once, where all are asked for.
const PAGE: u32 = 1000;
/// Number of quarantined rows that one transaction judges anew: pushes wait for it.
const READMITTED_TOGETHER: u32 = 200;
/// Time between two lines of the log about pushes that are held for the same reason.
const HELD_LINES_PAUSE: Duration = Duration::from_secs(6 * 3600);
/// How long the metrics wait for the database.
const LOOKING: Duration = Duration::from_secs(2);

/// A durable inbox for pushes. It is opened within a tokio runtime, and lives as long as that and any clone.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    rules: Arc<Rules>,
    arrivals: GroupCommit<Arrival, Receipt>,
    quarantine: GroupCommit<Stranger, ()>,
    settlements: GroupCommit<Settlement, bool>,
    bookings: GroupCommit<BookingRow, ()>,
    drift: DriftWatch,
    /// Told when there may be something new to deliver.
    due: Notify,
    held_lines: Seldom<HoldReason>,
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
    pub async fn open(database: &Database, rules: Rules) -> Result<Self, OpenError> {
        Self::builder(database, rules).open().await
    }

    /// An inbox that is to be opened otherwise than by [`open`](Self::open): told of drift, or by another clock.
    pub fn builder(database: &Database, rules: Rules) -> InboxBuilder {
        InboxBuilder::new(database.clone(), rules)
    }

    pub(crate) fn over(store: Store, rules: Rules, drift: DriftWatch) -> Result<Self, OpenError> {
        let (store, rules) = (Arc::new(store), Arc::new(rules));
        let metrics =
            Metrics::new().map_err(|error| StoreError::new(&**store.name(), StoreErrorKind::Unusable, error))?;
        let judged_by = rules.clone();
        let arrivals = GroupCommit::start(&store, move |store, batch: Vec<Arrival>| {
            let rules = judged_by.clone();
            async move { store.receive(&batch, &rules).await }
        });
        let quarantine =
            GroupCommit::start(&store, |store, batch: Vec<Stranger>| async move { store.quarantine(&batch).await });
        let settlements =
            GroupCommit::start(&store, |store, batch: Vec<Settlement>| async move { store.settle(&batch).await });
        let bookings =
            GroupCommit::start(&store, |store, batch: Vec<BookingRow>| async move { store.book(&batch).await });
        Ok(Self(Arc::new(Inner {
            store,
            rules,
            arrivals,
            quarantine,
            settlements,
            bookings,
            drift,
            due: Notify::new(),
            held_lines: Seldom::new(HELD_LINES_PAUSE),
            metrics,
        })))
    }

    /// The database, without user and password.
    pub fn database(&self) -> &str {
        self.0.store.name()
    }

    /// Takes in what came as a push: a body alone, or a [`Packet`] with the body, its `Content-Type` and the URL's
    /// query. JSON, forms and multipart are understood, in UTF-8 or the declared charset. When this returns, it is on
    /// the disk, and may be acknowledged; so may what is [`Receipt::Quarantined`].
    ///
    /// # Errors
    /// When it could not be stored, or it is not known whether it was: it must not be acknowledged then.
    pub async fn receive(&self, packet: impl Into<Packet>) -> Result<Receipt, StoreError> {
        let begun = Instant::now();
        self.0.metrics.has_received();
        let receipt = self.store(packet.into().document().await).await;
        self.0.metrics.has_answered(receipt.as_ref().ok().copied(), begun.elapsed());
        receipt
    }

    async fn store(&self, document: Document) -> Result<Receipt, StoreError> {
        let arrival = match self.read(&document).await {
            Ok(arrival) => arrival,
            Err(strange) => {
                let reason = strange.to_string();
                tracing::warn!(reason, "what came in is in quarantine");
                self.0.quarantine.commit(Stranger { document, reason }).await?;
                return Ok(Receipt::Quarantined);
            }
        };
        let receipt = self.0.arrivals.commit(arrival).await?;
        match receipt {
            Receipt::Stored => self.0.due.notify_one(),
            Receipt::Held(reason) if self.0.held_lines.is_due(reason) => {
                tracing::warn!(
                    reason = reason.as_str(),
                    "a push is held, as {}; `weifen inbox list --held` lists what waits, `weifen inbox release ID` \
                     lets it be delivered",
                    reason.explanation()
                );
            }
            _ => {}
        }
        Ok(receipt)
    }

    async fn read(&self, document: &Document) -> Result<Arrival, Strange> {
        let text = document.text().await?;
        let arrival = Arrival::read(&text, &self.0.rules)?;
        self.0.drift.look(Vendor::Fensi, "push", || Push::drifts(&text));
        Ok(arrival)
    }

    /// Judges what is in quarantine anew, by the rules of this inbox. What is understood now becomes an event, at
    /// most once, whoever else does the same; it leaves the quarantine in the same transaction, keeps the time when
    /// it came, and is judged by what was booked then. What is not stays, with today's reason.
    ///
    /// # Errors
    /// When the database can't be written to. What was readmitted before it stays so; to do the same again is safe.
    pub async fn readmit(&self, filter: QuarantineFilter) -> Result<Readmitted, StoreError> {
        self.judge_anew(filter, false).await
    }

    /// Counts what [`readmit`](Self::readmit) would do now, and changes nothing. Copies of a follow that lie more
    /// than two hundred rows apart are not seen as copies.
    ///
    /// # Errors
    /// When the database can't be written to.
    pub async fn try_readmitting(&self, filter: QuarantineFilter) -> Result<Readmitted, StoreError> {
        self.judge_anew(filter, true).await
    }

    async fn judge_anew(&self, filter: QuarantineFilter, is_trial: bool) -> Result<Readmitted, StoreError> {
        let store = &self.0.store;
        let (mut after, mut readmitted) = (0, Readmitted::default());
        loop {
            let page = store.in_time(store.quarantined(Some(filter), after, READMITTED_TOGETHER)).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let mut batch = Vec::with_capacity(page.len());
            for quarantined in page {
                batch.push(self.reread(quarantined).await);
            }
            readmitted += store.readmit(&batch, &self.0.rules, is_trial).await?;
        }
        self.0.due.notify_one();
        Ok(readmitted)
    }

    async fn reread(&self, quarantined: Quarantined) -> Reread {
        let document = Document { bytes: quarantined.raw.into(), content_type: quarantined.content_type };
        let mut judged = self.read(&document).await;
        if let (Err(Strange::Unreadable(_) | Strange::Undecodable(_)), Some(packet)) = (&judged, document.halves()) {
            judged = self.read(&packet.document().await).await.or(judged);
        }
        let came_at = Some(milliseconds::since_1970(quarantined.received_at));
        Reread {
            id: quarantined.id,
            judged: judged.map(|arrival| Arrival { came_at, ..arrival }).map_err(|strange| strange.to_string()),
        }
    }

    /// Events with numbers above `after`, in their order, up to a thousand: all of them, or those of one status.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn events(&self, status: Option<Status>, after: i64) -> Result<Vec<Event>, StoreError> {
        self.0.store.in_time(self.0.store.events(status, after, PAGE)).await
    }

    /// The newest events, up to `limit`, in their order: of all, or of those of one status.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn newest_events(&self, status: Option<Status>, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.0.store.in_time(self.0.store.newest_events(status, limit)).await
    }

    /// One event.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn event(&self, id: i64) -> Result<Option<Event>, StoreError> {
        self.0.store.in_time(self.0.store.event(id)).await
    }

    /// What is in quarantine with numbers above `after`, in their order, up to a thousand.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn quarantined(&self, after: i64) -> Result<Vec<Quarantined>, StoreError> {
        self.0.store.in_time(self.0.store.quarantined(None, after, PAGE)).await
    }

    /// The newest of what is in quarantine, up to `limit`, in their order.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn newest_quarantined(&self, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        self.0.store.in_time(self.0.store.newest_quarantined(limit)).await
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
        let made = self.0.store.in_time(self.0.store.make_due(id, from)).await?;
        self.0.due.notify_one();
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
        self.0.due.notify_one();
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
        self.0.store.in_time(self.0.store.resume()).await
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
        self.0.store.in_time(self.0.store.has_bookings()).await
    }

    /// Erases personal data that is older than `age`: what was pushed, what is in quarantine, and the bookings that have
    /// ended. Events that are still to be delivered keep theirs. That an event was seen is kept for good.
    ///
    /// # Errors
    /// When the database can't be written to.
    pub async fn purge(&self, age: Duration) -> Result<Purged, StoreError> {
        self.0.store.purge(age).await
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
        self.0.store.in_time(self.0.store.probe()).await
    }

    /// Closes the database. What is called afterwards fails.
    pub async fn close(&self) {
        self.0.store.close().await;
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

    pub(crate) fn counters(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.0.store.clock()
    }

    pub(crate) async fn claim(&self, room: Room, policy: &DispatchPolicy) -> Result<Claims, StoreError> {
        self.0.store.in_time(self.0.store.claim(room, policy)).await
    }

    /// Takes back what was written while the clock was wrong.
    pub(crate) async fn recall(&self, policy: Option<&DispatchPolicy>) -> Result<(), StoreError> {
        if let Some(recalled) = self.0.store.in_time(self.0.store.recall(policy)).await? {
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
        self.0.store.in_time(self.0.store.switch()).await
    }

    pub(crate) async fn pause_deliveries(&self, resumptions: i64) -> Result<(), StoreError> {
        self.0.store.in_time(self.0.store.pause(resumptions)).await
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
