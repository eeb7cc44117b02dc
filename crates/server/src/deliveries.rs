//! The deliveries: to the program's handler, or to `serve.deliver_url`.

use std::sync::Arc;
use std::time::Duration;

use weifen::Config;
use weifen::inbox::{DispatchPolicy, Dispatcher, Handler, Inbox, Webhook};

use crate::StartError;

/// Time that an attempt has beyond its transport's time-out, which ends it by itself and tells how far it got.
const LATE: Duration = Duration::from_millis(500);

/// Starts the deliveries, if there is somewhere to deliver to.
pub(crate) fn start(
    config: &Config,
    inbox: &Inbox,
    own: Option<Arc<dyn Handler>>,
) -> Result<Option<Dispatcher>, StartError> {
    let Some(handler) = own.map_or_else(|| webhook(config), |own| Ok(Some(own)))? else {
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
    Ok(Some(Dispatcher::builder(inbox, handler).policy(policy).start()?))
}

fn webhook(config: &Config) -> Result<Option<Arc<dyn Handler>>, StartError> {
    let Some(delivery) = config.serve.delivery()? else { return Ok(None) };
    Ok(Some(Arc::new(Webhook::new(delivery.url.expose(), delivery.secret, config.delivery_transport()?)?)))
}
