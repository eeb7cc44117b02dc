//! The changes of events for all streams of a server: while anyone streams, one task asks the database.

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::Bytes;
use serde::Serialize;
use tokio::sync::{Mutex, broadcast};
use tokio::time::sleep;
use weifen::inbox::{Change, Inbox, Tail};
use weifen::transport::{StoreError, in_words};

use crate::EventRow;

/// Number of changes that a stream may be behind. Beyond it the oldest are lost to it, so that it fills no memory.
const BEHIND: usize = 1024;
/// Time between two tries of a database that is away.
const AGAIN: Duration = Duration::from_secs(1);

/// Streams get the same bytes: each change is written once.
type Sender = broadcast::Sender<Bytes>;

/// The feed. Its task lives as long as anyone is subscribed.
#[derive(Debug, Default)]
pub(in crate::api) struct Feed(Mutex<Weak<Sender>>);

/// The reason for which changes may be missing in a stream.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Gap {
    /// The client was connected before.
    Reconnected,
    /// The client did not read fast enough.
    TooSlow,
    /// The database was away.
    Database,
}

impl Gap {
    pub(super) fn frame(self) -> Bytes {
        #[derive(Serialize)]
        struct Data {
            reason: Gap,
        }
        frame("gap", &Data { reason: self })
    }
}

impl Feed {
    /// Returns all changes from now on.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(super) async fn subscribe(self: &Arc<Self>, inbox: &Inbox) -> Result<broadcast::Receiver<Bytes>, StoreError> {
        let mut running = self.0.lock().await;
        if let Some(sender) = running.upgrade() {
            return Ok(sender.subscribe());
        }
        let tail = inbox.tail().await?;
        let (sender, receiver) = broadcast::channel(BEHIND);
        let sender = Arc::new(sender);
        *running = Arc::downgrade(&sender);
        tokio::spawn(self.clone().tell(inbox.clone(), tail, sender));
        Ok(receiver)
    }

    async fn tell(self: Arc<Self>, inbox: Inbox, mut tail: Tail, sender: Arc<Sender>) {
        loop {
            // An error of sending says that nobody is subscribed just now.
            tokio::select! {
                changes = tail.next() => match changes {
                    Ok(changes) => changes.into_iter().for_each(|change| drop(sender.send(written(change)))),
                    Err(error) => {
                        tail = anew(&inbox, &error).await;
                        let _ = sender.send(Gap::Database.frame());
                    }
                },
                () = sender.closed() => {
                    let mut running = self.0.lock().await;
                    if sender.receiver_count() == 0 {
                        *running = Weak::new();
                        return;
                    }
                }
            }
        }
    }
}

/// Waits until the database can be read again. What has changed meanwhile is not told.
async fn anew(inbox: &Inbox, error: &StoreError) -> Tail {
    tracing::warn!(error = in_words(error), "cannot read changes of events; the streams will report a gap");
    loop {
        sleep(AGAIN).await;
        match inbox.tail().await {
            Ok(tail) => return tail,
            Err(error) => tracing::debug!(error = in_words(&error), "cannot read changes of events"),
        }
    }
}

fn written(change: Change) -> Bytes {
    frame(change.kind.as_str(), &EventRow::from(change.event))
}

/// An event of a stream: JSON has no line breaks.
fn frame(name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_else(|error| {
        tracing::error!(%error, "an event can't be written as JSON");
        "null".to_owned()
    });
    format!("event: {name}\ndata: {data}\n\n").into()
}
