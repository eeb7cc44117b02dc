//! One push on its way: late or at once, slowly, several times; and its deliveries so far.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;

use super::{
    delivery::{self, Delivery},
    follow::Follow,
    packet::Packet,
};

/// A push, and its deliveries so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PushReport {
    /// The push's fields, as they were or would have been posted.
    pub push: Value,
    /// One for each time it was posted, in the order in which they ended; empty when no push URL is set.
    pub deliveries: Vec<Delivery>,
    /// Number of times that it is still to be posted or answered: late, slow, or held back. The state shows them end.
    pub outstanding: usize,
}

pub(super) struct Outgoing {
    /// Time of the follow, by the sandbox's clock.
    at: String,
    follow: Follow,
    fault: Option<String>,
    push: Value,
    packet: Packet,
    target: Option<Target>,
    progress: Mutex<Progress>,
}

/// The push URL when the user followed.
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) anywhere: bool,
}

struct Progress {
    held: bool,
    deliveries: Vec<Delivery>,
}

impl Outgoing {
    pub(super) fn new(at: String, follow: Follow, fault: Option<String>, push: Value, target: Option<Target>) -> Self {
        let push = follow.shape.dress(push, target.as_ref().map(|target| &target.url));
        let packet = follow.shape.pack(&push);
        let progress = Mutex::new(Progress { held: follow.held, deliveries: Vec::new() });
        Self { at, follow, fault, push, packet, target, progress }
    }

    /// True where the sending is to last: nobody is kept waiting for it then.
    pub(super) fn takes_its_time(&self) -> bool {
        !self.follow.delay.is_zero() || !self.follow.over.is_zero()
    }

    pub(super) fn is_held(&self) -> bool {
        self.progress().held
    }

    pub(super) fn release(&self) {
        self.progress().held = false;
    }

    pub(super) async fn go(self: Arc<Self>) {
        if !self.follow.delay.is_zero() {
            tokio::time::sleep(self.follow.delay).await;
        }
        if self.follow.at_once {
            return self.post_together().await;
        }
        for _ in 0..self.follow.times {
            self.post().await;
        }
    }

    async fn post_together(self: Arc<Self>) {
        let mut copies = JoinSet::new();
        for _ in 0..self.follow.times {
            let copy = Arc::clone(&self);
            copies.spawn(async move { copy.post().await });
        }
        while copies.join_next().await.is_some() {}
    }

    async fn post(&self) {
        if let Some(Target { url, anywhere }) = &self.target {
            let delivery = delivery::deliver(url, self.packet.clone(), self.follow.over, *anywhere).await;
            self.progress().deliveries.push(delivery);
        }
    }

    pub(super) fn report(&self) -> PushReport {
        let deliveries = self.progress().deliveries.clone();
        let due = if self.target.is_some() { self.follow.times as usize } else { 0 };
        PushReport { push: self.push.clone(), outstanding: due - deliveries.len(), deliveries }
    }

    pub(super) fn state(&self) -> Value {
        let PushReport { push, deliveries, outstanding } = self.report();
        json!({
            "at": self.at,
            "push": push,
            "deliveries": deliveries,
            "outstanding": outstanding,
            "held": self.is_held(),
            "fault": self.fault,
        })
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
