//! The way in which events leave the inbox: to the program's handler, to `serve.deliver_url`, or by claims over the
//! API.

use std::sync::Arc;
use std::time::Duration;

use weifen::Config;
use weifen::config::Scope;
use weifen::inbox::{DispatchPolicy, Dispatcher, Handler, Inbox, OpenError, Pull, Webhook};

use crate::StartError;

/// Time that an attempt has beyond its transport's time-out, which ends it by itself and tells how far it got.
const LATE: Duration = Duration::from_millis(500);

/// The way in which events leave the inbox of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deliveries {
    /// They are handed to the program's own handler.
    Handled,
    /// They are posted to `serve.deliver_url`.
    Posted,
    /// Callers of the API claim them.
    Claimed,
    /// They are kept and wait: there is no URL, and no caller may claim any.
    Kept,
}

impl Deliveries {
    /// The way that the configuration asks for, unless the program has a handler of its own.
    pub(crate) fn of(config: &Config, own: Option<&Arc<dyn Handler>>) -> Self {
        if own.is_some() {
            Self::Handled
        } else if config.serve.deliver_url.is_some() {
            Self::Posted
        } else if config.api.may_any(Scope::Deliveries) {
            Self::Claimed
        } else {
            Self::Kept
        }
    }
}

/// Starts the deliveries. Those that are claimed need nothing but to be let go.
pub(crate) async fn start(
    config: &Config,
    inbox: &Inbox,
    own: Option<Arc<dyn Handler>>,
) -> Result<Option<Dispatcher>, StartError> {
    let policy = policy(config);
    let Some(handler) = own.map_or_else(|| webhook(config), |own| Ok(Some(own)))? else {
        if Deliveries::of(config, None) == Deliveries::Claimed {
            pull(config, inbox)?.begin().await.map_err(OpenError::from)?;
            tracing::info!(give_up_after = ?policy.give_up_after, "deliveries wait for claims");
        } else {
            tracing::warn!(
                "serve.deliver_url is not set, and no caller of the API may claim deliveries: events are stored and \
                 wait"
            );
        }
        return Ok(None);
    };
    let (lease, timeout, give_up_after) = (policy.lease, config.serve.deliver_timeout, policy.give_up_after);
    tracing::info!(?lease, ?timeout, ?give_up_after, "deliveries have started");
    Ok(Some(Dispatcher::builder(inbox, handler).policy(policy).start()?))
}

/// The side of the inbox that is claimed from.
pub(crate) fn pull(config: &Config, inbox: &Inbox) -> Result<Pull, StartError> {
    Ok(inbox.pulling(policy(config))?)
}

fn policy(config: &Config) -> DispatchPolicy {
    let serve = &config.serve;
    DispatchPolicy {
        lease: serve.lease,
        attempt_timeout: serve.deliver_timeout + LATE.min(serve.lease.saturating_sub(serve.deliver_timeout) / 2),
        give_up_after: serve.give_up_after,
        max_attempts: serve.max_attempts,
        backoff_base: serve.backoff_base,
        ..DispatchPolicy::default()
    }
}

fn webhook(config: &Config) -> Result<Option<Arc<dyn Handler>>, StartError> {
    let Some(delivery) = config.serve.delivery()? else { return Ok(None) };
    Ok(Some(Arc::new(Webhook::new(delivery.url.expose(), delivery.secret, config.delivery_transport()?)?)))
}
