//! All pushes since the start: those that went out, those on their way, and those held back.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use tokio::{sync::oneshot, task::JoinSet};

use super::{followed::Followed, pushing::Pushing};
use crate::{sequence, world::SharedWorld};

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
    pushes: Vec<Arc<Pushing>>,
    /// A reset drops it, which ends them.
    underway: JoinSet<()>,
}

/// Is over when the pushes sent have been answered or given up, or a reset has ended them.
type Ended = oneshot::Receiver<()>;

impl Outbox {
    /// Takes a push in, and sends it unless it is held back.
    pub(super) fn put(&mut self, pushing: &Arc<Pushing>) -> Ended {
        self.pushes.push(Arc::clone(pushing));
        let queue = if pushing.is_held() { Vec::new() } else { vec![Arc::clone(pushing)] };
        self.send(queue)
    }

    fn let_go(&mut self, order: ReleaseOrder) -> (Vec<Arc<Pushing>>, Ended) {
        let held = self.pushes.iter().filter(|pushing| pushing.is_held()).cloned().collect();
        let queue = order.arrange(held);
        for pushing in &queue {
            pushing.let_go();
        }
        (queue.clone(), self.send(queue))
    }

    /// Each goes out when the one before it has come to its end: only then is their order sure.
    fn send(&mut self, queue: Vec<Arc<Pushing>>) -> Ended {
        while self.underway.try_join_next().is_some() {}
        let (ending, ended) = oneshot::channel();
        self.underway.spawn(async move {
            for pushing in queue {
                pushing.go().await;
            }
            // Whoever asked need not have waited.
            let _ = ending.send(());
        });
        ended
    }

    pub(super) fn state(&self) -> Vec<Value> {
        self.pushes.iter().map(|pushing| pushing.state()).collect()
    }
}

impl ReleaseOrder {
    fn arrange(self, mut pushes: Vec<Arc<Pushing>>) -> Vec<Arc<Pushing>> {
        match self {
            Self::AsTheyCame => pushes,
            Self::Reverse => {
                pushes.reverse();
                pushes
            }
            Self::Shuffled(seed) => {
                let mut numbered: Vec<_> = (0..).zip(pushes).collect();
                numbered.sort_by_key(|(n, _)| sequence::digest(&format!("shuffled {seed}"), *n));
                numbered.into_iter().map(|(_, pushing)| pushing).collect()
            }
        }
    }
}

/// Sends what is held back.
pub(crate) async fn release(world: Arc<SharedWorld>, order: ReleaseOrder) -> Vec<Followed> {
    let (released, ended) = world.lock().fensi.outbox.let_go(order);
    if !released.iter().any(|pushing| pushing.takes_its_time()) {
        // A reset ends them without a word.
        let _ = ended.await;
    }
    released.iter().map(|pushing| pushing.followed()).collect()
}
