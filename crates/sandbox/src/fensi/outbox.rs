//! All pushes since the start: those that went out, those on their way, and those held back.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use tokio::{sync::oneshot, task::JoinSet};

use super::outgoing::Outgoing;
use crate::sequence;

/// The order in which pushes that were held back go out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseOrder {
    /// As the users followed.
    #[default]
    AsTheyCame,
    /// The last one first.
    Reverse,
    /// Any order, and the same one again for the same seed and number of pushes.
    Shuffled(u64),
}

#[derive(Default)]
pub(super) struct Outbox {
    pushes: Vec<Arc<Outgoing>>,
    /// A reset drops it, which ends them.
    underway: JoinSet<()>,
}

/// Is over when the pushes sent have been answered or given up, or a reset has ended them.
pub(super) type Ended = oneshot::Receiver<()>;

impl Outbox {
    /// Takes a push in, and sends it unless it is held back.
    pub(super) fn put(&mut self, push: &Arc<Outgoing>) -> Ended {
        self.pushes.push(Arc::clone(push));
        let queue = if push.is_held() { Vec::new() } else { vec![Arc::clone(push)] };
        self.send(queue)
    }

    /// Sends what is held back.
    pub(super) fn release(&mut self, order: ReleaseOrder) -> (Vec<Arc<Outgoing>>, Ended) {
        let held = self.pushes.iter().filter(|push| push.is_held()).cloned().collect();
        let queue = order.arrange(held);
        for push in &queue {
            push.release();
        }
        (queue.clone(), self.send(queue))
    }

    /// Each goes out when the one before it has come to its end: only then is their order sure.
    fn send(&mut self, queue: Vec<Arc<Outgoing>>) -> Ended {
        while self.underway.try_join_next().is_some() {}
        let (ending, ended) = oneshot::channel();
        self.underway.spawn(async move {
            for push in queue {
                push.go().await;
            }
            // Whoever asked need not have waited.
            let _ = ending.send(());
        });
        ended
    }

    pub(super) fn state(&self) -> Vec<Value> {
        self.pushes.iter().map(|push| push.state()).collect()
    }
}

impl ReleaseOrder {
    fn arrange(self, mut pushes: Vec<Arc<Outgoing>>) -> Vec<Arc<Outgoing>> {
        match self {
            Self::AsTheyCame => pushes,
            Self::Reverse => {
                pushes.reverse();
                pushes
            }
            Self::Shuffled(seed) => {
                let mut numbered: Vec<_> = (0..).zip(pushes).collect();
                numbered.sort_by_key(|(n, _)| sequence::digest(&format!("shuffled {seed}"), *n));
                numbered.into_iter().map(|(_, push)| push).collect()
            }
        }
    }
}
