//! Where events go: to `deliver_url`, or for a first look into the log.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use weifen::config::Config;
use weifen::inbox::{DispatchPolicy, Dispatcher, FollowEvent, Handler, HandlerError, IdempotencyKey, Inbox, Webhook};

use crate::failure::Failure;

/// Time that an attempt has beyond its transport's time-out, which ends it by itself and tells how far it got.
const LATE: Duration = Duration::from_millis(500);

/// Starts the deliveries, if there is somewhere to deliver to.
pub(super) fn start(config: &Config, inbox: &Inbox, is_first_look: bool) -> Result<Option<Dispatcher>, Failure> {
    let Some(handler) = handler(config, is_first_look)? else {
        tracing::warn!("serve.deliver_url is not set: events are kept and wait");
        return Ok(None);
    };
    let serve = &config.serve;
    let policy = DispatchPolicy {
        lease: serve.lease,
        attempt_timeout: serve.deliver_timeout + LATE.min(serve.lease.saturating_sub(serve.deliver_timeout) / 2),
        give_up_after: serve.give_up_after,
        max_attempts: serve.max_attempts,
        backoff_base: serve.backoff_base,
        ..DispatchPolicy::default()
    };
    let (lease, timeout, give_up_after) = (policy.lease, serve.deliver_timeout, policy.give_up_after);
    tracing::info!(?lease, ?timeout, ?give_up_after, "deliveries begin");
    let dispatcher = Dispatcher::builder(inbox, handler).policy(policy).start();
    dispatcher.map(Some).map_err(|error| Failure::config(&error))
}

fn handler(config: &Config, is_first_look: bool) -> Result<Option<Arc<dyn Handler>>, Failure> {
    let Some(delivery) = config.serve.delivery()? else {
        return Ok(is_first_look.then(|| Arc::new(Logged) as Arc<dyn Handler>));
    };
    let webhook = Webhook::new(delivery.url.expose(), delivery.secret, config.delivery_transport()?);
    let webhook = webhook.map_err(|error| Failure::config(&error))?;
    Ok(Some(Arc::new(webhook)))
}

/// Takes every event and tells of it.
#[derive(Debug)]
struct Logged;

#[async_trait]
impl Handler for Logged {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError> {
        let push = &event.push;
        tracing::info!(webhook_id = %key, appid = push.appid, bid = %push.bid, "a user followed: here goods would be handed out");
        Ok(())
    }
}
