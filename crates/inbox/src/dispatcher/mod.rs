//! Delivery of events: each goes to the handler until it is taken or given up.

mod attempt;
mod backoff;
mod builder;
mod claiming;
mod handler;
mod pause;
mod policy;
mod recovery;
mod verdict;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Inbox;
use attempt::Work;
use claiming::Claiming;

pub use builder::DispatcherBuilder;
pub use handler::{Handler, HandlerError};
pub use policy::{DispatchPolicy, InvalidPolicy};
pub(crate) use verdict::Judge;

/// Timeout for giving back attempts that were cut short. The rest is handed out again after its lease.
const GIVING_BACK: Duration = Duration::from_secs(5);

/// Hands out an inbox's events to a [`Handler`], as a task of the current tokio runtime.
///
/// Each event is handed out until it is taken or given up. Several dispatchers, in several processes too, share an
/// inbox's events. Each holds an event for the length of a lease; an outcome that comes after the lease, when another
/// dispatcher holds the event, changes nothing. Order is not promised: a later event overtakes one that waits for its
/// retry, and many are under way at once.
///
/// Dropped, it ends at once, as in a crash: events under way are handed out again after their leases.
#[must_use = "it ends when it is dropped"]
pub struct Dispatcher {
    work: Arc<Work>,
    phase: watch::Sender<Phase>,
    task: JoinHandle<()>,
}

/// A phase of the dispatcher's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Claiming,
    /// Claims no more, and finishes attempts that are under way.
    Draining,
    /// Gives back the events of attempts that are under way.
    Aborting,
}

impl Dispatcher {
    /// Returns the builder of a dispatcher that hands out `inbox`'s events to `handler`.
    pub fn builder(inbox: &Inbox, handler: Arc<dyn Handler>) -> DispatcherBuilder {
        DispatcherBuilder::new(inbox.clone(), handler)
    }

    fn begin(work: Work) -> Self {
        let work = Arc::new(work);
        work.inbox.counters().is_paused.set(0);
        let (phase, heard) = watch::channel(Phase::Claiming);
        let task = tokio::spawn(Claiming::new(work.clone(), heard).run());
        Self { work, phase, task }
    }

    /// Returns true if the handler of this dispatcher, or of another one of the database, has asked for no more events
    /// ([`HandlerError::pause`]), and nobody has resumed them ([`Inbox::resume_deliveries`]).
    pub fn is_paused(&self) -> bool {
        self.work.pause.is_on()
    }

    /// Claims no more events, waits up to `drain` for attempts under way, and cuts the rest short: their events are
    /// given back, and the attempts are not counted.
    pub async fn stop(mut self, drain: Duration) {
        self.phase.send_replace(Phase::Draining);
        if timeout(drain, &mut self.task).await.is_ok() {
            return;
        }
        self.phase.send_replace(Phase::Aborting);
        if timeout(GIVING_BACK, &mut self.task).await.is_err() {
            tracing::warn!(
                "could not release the leases of events: these events are delivered again after their leases end"
            );
        }
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher").field("work", &self.work).finish_non_exhaustive()
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
