//! Events, handed out: once where all goes well, again where not, and to someone else where a worker is gone.

mod backlog;
mod delivery;
mod ending;
mod failures;
mod giving_up;
mod leases;
mod poison;
mod store_away;

use std::sync::Arc;
use std::time::Duration;

use weifen_inbox::{DispatchPolicy, Dispatcher, Handler, Inbox};

/// Attempts follow each other at once, and no lease ends by itself.
fn quick() -> DispatchPolicy {
    DispatchPolicy {
        lease: Duration::from_secs(3600),
        attempt_timeout: Duration::from_secs(60),
        backoff_base: Duration::from_millis(1),
        backoff_cap: Duration::from_millis(1),
        ..DispatchPolicy::default()
    }
}

fn start(inbox: &Inbox, handler: &Arc<impl Handler + 'static>, policy: DispatchPolicy) -> Dispatcher {
    Dispatcher::builder(inbox, handler.clone()).policy(policy).start().unwrap()
}
