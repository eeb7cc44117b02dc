//! Maps hyper's errors to how far the request got and the fault that stopped it.

use std::error::Error;

use crate::http_client::diagnosis::{of_connect, of_exchange};
use crate::http_client::is_this_machine;
use crate::{NetworkFault, TransportError};

/// Returns the error of a connection to `host` that was not made.
pub(super) fn unreached(error: &(dyn Error + 'static), host: &str) -> TransportError {
    TransportError::not_sent(of_connect(error, is_this_machine(host)))
}

/// Returns the error of a request that no connection took.
pub(super) fn unsent(error: &hyper::Error) -> TransportError {
    TransportError::not_sent(match of_exchange(error) {
        NetworkFault::Lost(cause) => NetworkFault::Unreachable(cause),
        fault => fault,
    })
}

/// Returns the error of a request whose connection was lost before the reply.
pub(super) fn lost(error: &hyper::Error) -> TransportError {
    TransportError::no_reply(of_exchange(error))
}
