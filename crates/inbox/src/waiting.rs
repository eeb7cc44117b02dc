//! Waiting for what becomes of bookings: while anyone waits, one query tells of all that are waited for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::KeptBooking;
use crate::causes::Causes;
use crate::store::Store;

/// Time between two queries.
const LOOK: Duration = Duration::from_millis(150);

/// The bookings that are waited for, by their names.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Mutex<HashMap<String, watch::Sender<Option<KeptBooking>>>>);

impl Waiting {
    /// Returns what has become of `booking` as soon as its status is another one, else the booking itself at `end`.
    pub(crate) async fn until_changed(
        self: &Arc<Self>,
        store: &Arc<Store>,
        booking: KeptBooking,
        end: impl Future<Output = ()>,
    ) -> KeptBooking {
        let mut told = self.watch(store, &booking.id);
        let changed = told.wait_for(|told| told.as_ref().is_some_and(|told| told.status != booking.status));
        let changed = tokio::select! {
            changed = changed => changed.ok().and_then(|told| told.clone()),
            () = end => None,
        };
        changed.unwrap_or(booking)
    }

    fn watch(self: &Arc<Self>, store: &Arc<Store>, id: &str) -> watch::Receiver<Option<KeptBooking>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() {
            tokio::spawn(self.clone().tell(store.clone()));
        }
        waiting.entry(id.to_owned()).or_insert_with(|| watch::Sender::new(None)).subscribe()
    }

    /// Looks again and again, until nobody waits.
    async fn tell(self: Arc<Self>, store: Arc<Store>) {
        loop {
            sleep(LOOK).await;
            let Some(ids) = self.waited_for() else { return };
            match store.pool().in_time(store.bookings_named(&ids)).await {
                Ok(bookings) => self.tell_of(bookings),
                Err(error) => tracing::debug!(error = %Causes(&error), "could not read the status of bookings"),
            }
        }
    }

    fn waited_for(&self) -> Option<Vec<String>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, told| told.receiver_count() > 0);
        (!waiting.is_empty()).then(|| waiting.keys().cloned().collect())
    }

    fn tell_of(&self, bookings: Vec<KeptBooking>) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for booking in bookings {
            if let Some(told) = waiting.get(&booking.id) {
                told.send_replace(Some(booking));
            }
        }
    }
}
