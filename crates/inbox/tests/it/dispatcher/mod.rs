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

use weifen_inbox::{DispatchPolicy, Dispatcher, Handler, Inbox, Status};

use crate::support::{Folder, Receiving, paying_inbox, push, receive, until_all_are};

/// A policy by which attempts follow each other at once, and no lease ends by itself.
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

/// An inbox whose only event was handed out until it has this status.
async fn handed_out(
    handler: &Arc<impl Handler + 'static>,
    policy: DispatchPolicy,
    status: Status,
) -> (Folder, Receiving, Dispatcher) {
    let (folder, inbox) = paying_inbox().await;
    let dispatcher = start(&inbox, handler, policy);
    receive(&inbox, &push("u")).await;
    until_all_are(&inbox, status).await;
    (folder, inbox, dispatcher)
}
