//! How an inbox is opened.

use std::sync::Arc;

use weifen_fensi::transport::{Clock, DriftObserver, DriftWatch, SystemClock};

use crate::store::Store;
use crate::{Database, Inbox, OpenError, Rules};

/// An inbox that is to be opened: [`Inbox::builder`].
#[derive(Debug)]
#[must_use]
pub struct InboxBuilder {
    database: Database,
    rules: Rules,
    clock: Arc<dyn Clock>,
    drift_observer: Option<Arc<dyn DriftObserver>>,
}

impl InboxBuilder {
    pub(crate) fn new(database: Database, rules: Rules) -> Self {
        Self { database, rules, clock: Arc::new(SystemClock), drift_observer: None }
    }

    /// Another clock, which SQLite goes by; PostgreSQL has its own.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Who is told when a push is not as documented, beside the log, which has an event of the target `weifen::drift` the
    /// first time. It is told before the push is stored, and holds it up for as long as it takes.
    pub fn drift_observer(mut self, observer: Arc<dyn DriftObserver>) -> Self {
        self.drift_observer = Some(observer);
        self
    }

    /// Opens the inbox, makes or updates its tables, and makes sure that what it commits is on the disk.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(self) -> Result<Inbox, OpenError> {
        let store = Store::open(&self.database, self.clock).await?;
        let inbox = Inbox::over(store, self.rules, DriftWatch::new(self.drift_observer))?;
        inbox.recall(None).await?;
        Ok(inbox)
    }
}
