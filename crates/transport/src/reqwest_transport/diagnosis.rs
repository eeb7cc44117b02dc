//! Maps reqwest's errors to how far the request got and the fault that stopped it.

use crate::http_client::diagnosis::{of_connect, of_exchange};
use crate::{NetworkFault, TransportError};

/// Route of a request, as far as it decides whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    ToThisMachine,
    ToAnother,
    ThroughProxy,
}

/// Returns the error of a request that got no reply.
pub(super) fn diagnose(error: reqwest::Error, way: Way) -> TransportError {
    // Its message may show the URL, which holds secrets.
    let error = error.without_url();
    if error.is_builder() {
        return TransportError::not_sent(error);
    }
    if !error.is_connect() {
        let is_late = error.is_timeout();
        return TransportError::no_reply(if is_late { NetworkFault::AnswerTimedOut } else { of_exchange(&error) });
    }
    let fault = match of_connect(&error, way == Way::ToThisMachine) {
        NetworkFault::Unreachable(_) if error.is_timeout() => NetworkFault::ConnectTimedOut,
        fault => fault,
    };
    TransportError::not_sent(match fault {
        // TLS faults come from the server behind the tunnel; these come from the way to the proxy.
        NetworkFault::NameNotFound(_)
        | NetworkFault::Refused { .. }
        | NetworkFault::Unreachable(_)
        | NetworkFault::ConnectTimedOut
            if way == Way::ThroughProxy =>
        {
            NetworkFault::Proxy(Box::new(fault))
        }
        fault => fault,
    })
}
