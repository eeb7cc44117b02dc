//! The builder of a dispatcher.

use std::sync::Arc;

use weifen_transport::{Jitter, RandomJitter};

use super::attempt::Work;
use super::pause::Pause;
use super::recovery::Recovery;
use super::{DispatchPolicy, Dispatcher, Handler, InvalidPolicy};
use crate::Inbox;

/// Builder of a [`Dispatcher`].
#[derive(Debug, Clone)]
#[must_use]
pub struct DispatcherBuilder {
    inbox: Inbox,
    handler: Arc<dyn Handler>,
    policy: DispatchPolicy,
    jitter: Arc<dyn Jitter>,
}

impl DispatcherBuilder {
    pub(super) fn new(inbox: Inbox, handler: Arc<dyn Handler>) -> Self {
        Self { inbox, handler, policy: DispatchPolicy::default(), jitter: Arc::new(RandomJitter) }
    }

    /// Sets the policy: leases, timeouts, retries, number of workers.
    pub fn policy(mut self, policy: DispatchPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the source of jitter, which spreads the retries of events that failed together.
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// Starts the dispatcher, within a tokio runtime.
    ///
    /// # Errors
    /// When a setting of the policy is out of range. Nothing was started; correct it.
    pub fn start(self) -> Result<Dispatcher, InvalidPolicy> {
        self.policy.check()?;
        Ok(Dispatcher::begin(Work {
            clock: self.inbox.clock().clone(),
            inbox: self.inbox,
            handler: self.handler,
            pause: Pause::none(),
            recovery: Recovery::new(self.policy.workers_again()),
            policy: self.policy,
            jitter: self.jitter,
        }))
    }
}
