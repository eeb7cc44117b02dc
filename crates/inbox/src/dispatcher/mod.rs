//! Handing out events: each to the handler, until it is taken or given up.

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

/// How long what was cut short has for being given back. What is not is handed out again after its lease.
const GIVING_BACK: Duration = Duration::from_secs(5);

/// Hands out an inbox's events to a [`Handler`], as a task of the current tokio runtime.
///
/// Each event is handed out until it is taken or given up. Several dispatchers, in several
/// processes too, share an inbox's events: each has an event for the length of a lease, and what one says of an event
/// that another has by then changes nothing. Order is not promised: a later event overtakes one that waits for its next
/// attempt, and many are under way at once.
///
/// Dropped, it ends at once, as a crash would end it: what was under way is handed out again after its lease.
/// [`stop`](Self::stop) ends it in order.
#[must_use = "it ends when it is dropped"]
pub struct Dispatcher {
    work: Arc<Work>,
    phase: watch::Sender<Phase>,
    task: JoinHandle<()>,
}

/// A part of the dispatcher's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Claiming,
    /// Claims no more, and finishes what is under way.
    Draining,
    /// Gives back what is under way.
    Aborting,
}

impl Dispatcher {
    /// Hands out `inbox`'s events to `handler`, once it is started.
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

    /// Whether the handler of this dispatcher, or of another one of the database, has asked for no more events
    /// ([`HandlerError::pause`]), and nobody has resumed them ([`Inbox::resume_deliveries`]).
    pub fn is_paused(&self) -> bool {
        self.work.pause.is_on()
    }

    /// Takes no more events, waits up to `drain` for those that are under way, and cuts the rest short: they are given
    /// back, and the attempt is not counted.
    pub async fn stop(mut self, drain: Duration) {
        self.phase.send_replace(Phase::Draining);
        if timeout(drain, &mut self.task).await.is_ok() {
            return;
        }
        self.phase.send_replace(Phase::Aborting);
        if timeout(GIVING_BACK, &mut self.task).await.is_err() {
            tracing::warn!("events could not be given back: they are handed out again after their lease");
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
