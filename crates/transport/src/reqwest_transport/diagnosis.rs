//! Maps reqwest's errors to how far the request got and the fault that stopped it.

use std::error::Error;
use std::io;
use std::sync::Arc;

use crate::network_fault::{bare, copy};
use crate::tls::of_rustls;
use crate::{NetworkFault, NotPublic, TransportError};

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
        return TransportError::no_reply(of_exchange(&error));
    }
    let fault = of_connect(&error, way);
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

fn of_connect(error: &reqwest::Error, way: Way) -> NetworkFault {
    if let Some(not_public) = causes(error).find_map(|cause| cause.downcast_ref::<NotPublic>()) {
        return NetworkFault::NotPublic(not_public.clone());
    }
    if error.is_dns() {
        return NetworkFault::NameNotFound(innermost(error));
    }
    match causes(error).find_map(|cause| cause.downcast_ref()).map(bare) {
        Some(error) if is_in_handshake(error) => NetworkFault::of_tls(error),
        Some(error) => NetworkFault::of_connect(error, way == Way::ToThisMachine),
        None if error.is_timeout() => NetworkFault::ConnectTimedOut,
        None => NetworkFault::Unreachable(innermost(error)),
    }
}

/// Returns the fault of a request on an open connection.
fn of_exchange(error: &reqwest::Error) -> NetworkFault {
    if error.is_timeout() {
        return NetworkFault::AnswerTimedOut;
    }
    // TLS 1.3 lets a server reject a client after its handshake.
    let mut tls = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(NetworkFault::of_tls);
    let rejected = tls.find(|fault| matches!(fault, NetworkFault::ClientCertificate));
    rejected.unwrap_or_else(|| NetworkFault::Lost(innermost(error)))
}

/// Returns true for rustls's errors and for a connection that the server ended, so something listens there.
fn is_in_handshake(error: &io::Error) -> bool {
    let ended = [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe];
    ended.contains(&error.kind()) || of_rustls(error).is_some()
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// Returns the last cause, which has the words of the operating system or of hyper.
fn innermost(error: &reqwest::Error) -> Arc<io::Error> {
    let Some(cause) = causes(error).last() else { return Arc::new(io::Error::other(error.to_string())) };
    cause.downcast_ref().map_or_else(|| Arc::new(io::Error::other(cause.to_string())), copy)
}
