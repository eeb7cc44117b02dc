//! The intake of pushes, with the rules that they are judged by.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use weifen_database::{GroupCommit, milliseconds};
use weifen_fensi::Push;
use weifen_proto::Vendor;
use weifen_transport::{DriftObserver, DriftWatch, StoreError, StoreErrorKind};

use crate::arrival::{Arrival, Strange};
use crate::causes::Causes;
use crate::packet::Document;
use crate::seldom::Seldom;
use crate::store::{Reread, Stranger, Writer};
use crate::unwanted::{Excess, Unwanted};
use crate::{HoldReason, Inbox, Packet, QuarantineFilter, Quarantined, Readmitted, Receipt, Rules};

/// Number of quarantined rows that one transaction judges anew. Pushes wait for that transaction.
const READMITTED_TOGETHER: u32 = 200;
/// Time between two lines of the log about pushes that are held for the same reason.
const HELD_LINES_PAUSE: Duration = Duration::from_secs(6 * 3600);
/// Time between two lines of the log about pushes beyond the same cap.
const EXCESS_LINES_PAUSE: Duration = Duration::from_secs(60);
/// The intake of pushes, made by [`Inbox::receiving`]. Clones share everything.
#[derive(Debug, Clone)]
#[must_use]
pub struct Intake {
    inbox: Inbox,
    rules: Arc<Rules>,
    arrivals: GroupCommit<Arrival, Result<Receipt, Excess>>,
    quarantine: GroupCommit<Stranger, ()>,
    drift: Arc<DriftWatch>,
    held_lines: Arc<Seldom<HoldReason>>,
    unwanted: Arc<Unwanted>,
    excess_lines: Arc<Seldom<Excess>>,
}

impl Intake {
    pub(crate) fn new(inbox: Inbox, rules: Rules) -> Self {
        let rules = Arc::new(rules);
        let (unwanted, writer) = (Arc::new(Unwanted::default()), Arc::new(Writer::new()));
        inbox.counters().quarantine_is(unwanted.bytes(), rules.most_unwanted_bytes());
        let (judged_by, counted_by) = (rules.clone(), unwanted.clone());
        let arrivals = inbox.stored().commit_together(move |store, batch: Vec<Arrival>| {
            let (rules, unwanted, writer) = (judged_by.clone(), counted_by.clone(), writer.clone());
            async move {
                let has_room = |bytes, sender| unwanted.admit(&rules, bytes, sender);
                store.receive(&batch, &rules, &has_room, &writer).await
            }
        });
        let quarantine =
            inbox.stored().commit_together(|store, batch: Vec<Stranger>| async move { store.quarantine(&batch).await });
        Self {
            inbox,
            rules,
            arrivals,
            quarantine,
            drift: Arc::new(DriftWatch::new(None)),
            held_lines: Arc::new(Seldom::new(HELD_LINES_PAUSE)),
            unwanted,
            excess_lines: Arc::new(Seldom::new(EXCESS_LINES_PAUSE)),
        }
    }

    /// Sets the observer of pushes that are not as documented. The log reports them too: an event of the target
    /// `weifen::drift` the first time. The observer is called before the push is stored, and delays it while it runs.
    pub fn drift_observer(mut self, observer: Arc<dyn DriftObserver>) -> Self {
        self.drift = Arc::new(DriftWatch::new(Some(observer)));
        self
    }

    /// The inbox that the pushes go to.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Takes in a push: a body alone, or a [`Packet`] with the body, its `Content-Type` and the URL's query. JSON,
    /// forms and multipart are understood, in UTF-8 or the declared charset. When this returns, the push is on the
    /// disk and may be acknowledged; so may a [`Receipt::Quarantined`].
    ///
    /// # Errors
    /// When it was not stored, or may not have been: do not acknowledge it. The cause is the database, or a push to be
    /// held or quarantined beyond [`Rules::quarantine_bytes`] or [`Rules::quarantine_rate`].
    pub async fn receive(&self, packet: impl Into<Packet>) -> Result<Receipt, StoreError> {
        let begun = Instant::now();
        self.inbox.counters().has_received();
        let packet = packet.into();
        let sender = packet.sent_by();
        let receipt = self.store(packet.document().await, sender).await;
        self.inbox.counters().quarantine_is(self.unwanted.bytes(), self.rules.most_unwanted_bytes());
        self.inbox.counters().has_answered(receipt.as_ref().ok().copied(), begun.elapsed());
        receipt
    }

    async fn store(&self, document: Document, sender: Option<IpAddr>) -> Result<Receipt, StoreError> {
        if self.unwanted.is_to_be_counted(&self.rules) {
            tokio::spawn(self.clone().count_unwanted());
        }
        let arrival = match self.read(&document).await {
            Ok(arrival) => Arrival { sender, ..arrival },
            Err(strange) => {
                let reason = strange.to_string();
                let room = self.unwanted.admit(&self.rules, document.length(), sender);
                room.map_err(|excess| self.exceeded(excess))?;
                tracing::warn!(reason, "a request went to quarantine");
                self.quarantine.commit(Stranger::new(document, reason)).await?;
                return Ok(Receipt::Quarantined);
            }
        };
        let receipt = self.arrivals.commit(arrival).await?.map_err(|excess| self.exceeded(excess))?;
        match receipt {
            Receipt::Stored => self.inbox.wake(),
            Receipt::Held(reason) if self.held_lines.is_due(reason) => {
                tracing::warn!(
                    reason = reason.as_str(),
                    "a push is held: {}. `weifen inbox list --held` lists all held events; `weifen inbox release ID` \
                     releases one",
                    reason.explanation()
                );
            }
            _ => {}
        }
        Ok(receipt)
    }

    /// Counts the bytes of quarantine and held events. No push waits for it.
    async fn count_unwanted(self) {
        let store = self.inbox.stored();
        match store.pool().in_time(store.unwanted_bytes()).await {
            Ok(bytes) => self.unwanted.are(bytes),
            Err(error) => tracing::warn!(error = %Causes(&error), "could not count quarantine and held events"),
        }
        self.inbox.counters().quarantine_is(self.unwanted.bytes(), self.rules.most_unwanted_bytes());
    }

    /// Logs and counts a push that is refused: nothing stores it, so the log is its only trace.
    fn exceeded(&self, excess: Excess) -> StoreError {
        self.inbox.counters().has_exceeded(excess);
        if self.excess_lines.is_due(excess) {
            tracing::error!(
                reason = %excess,
                "pushes that would be quarantined or held are refused and not stored. Look at `weifen inbox \
                 quarantine` and `weifen inbox list --held`; if the pushes are forged, change the push secret; \
                 `weifen inbox purge` frees space"
            );
        }
        StoreError::new(self.inbox.database(), StoreErrorKind::Unavailable, excess)
    }

    async fn read(&self, document: &Document) -> Result<Arrival, Strange> {
        let text = document.text().await?;
        let arrival = Arrival::read(&text, &self.rules)?;
        self.drift.look(Vendor::Fensi, "push", || Push::drifts(&text));
        Ok(arrival)
    }

    /// Judges quarantined requests anew, by these rules. One that is understood now becomes an event, at most once,
    /// even if several programs do this at once. It leaves the quarantine in the same transaction, keeps its time of
    /// receipt, and is judged by the bookings of then. The others stay, with today's reason.
    ///
    /// # Errors
    /// When the database can't be written to. Requests that were readmitted before stay so; repeating is safe.
    pub async fn readmit(&self, filter: QuarantineFilter) -> Result<Readmitted, StoreError> {
        self.judge_anew(filter, false).await
    }

    /// Counts the outcomes that [`readmit`](Self::readmit) would have now, and changes nothing. Copies of a follow
    /// that are more than two hundred rows apart are not recognised as copies.
    ///
    /// # Errors
    /// When the database can't be written to.
    pub async fn try_readmitting(&self, filter: QuarantineFilter) -> Result<Readmitted, StoreError> {
        self.judge_anew(filter, true).await
    }

    async fn judge_anew(&self, filter: QuarantineFilter, is_trial: bool) -> Result<Readmitted, StoreError> {
        let store = self.inbox.stored();
        let (mut after, mut readmitted) = (0, Readmitted::default());
        loop {
            let page = store.pool().in_time(store.quarantined(Some(filter), after, READMITTED_TOGETHER)).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let mut batch = Vec::with_capacity(page.len());
            for quarantined in page {
                batch.push(self.reread(quarantined).await);
            }
            readmitted += store.readmit(&batch, &self.rules, is_trial).await?;
        }
        self.inbox.wake();
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
}
