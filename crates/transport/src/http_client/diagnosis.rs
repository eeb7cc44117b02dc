//! Maps the causes of a client's error to the fault that stopped the request.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::sync::Arc;

use crate::NetworkFault;
use crate::network_fault::{bare, copy};
use crate::tls::of_rustls;

/// Returns the fault of a connection that was not made. `on_this_machine` is true where its host is this machine.
pub(crate) fn of_connect(error: &(dyn Error + 'static), on_this_machine: bool) -> NetworkFault {
    // The resolver's.
    if let Some(fault) = causes(error).find_map(|cause| cause.downcast_ref::<NetworkFault>()) {
        return fault.clone();
    }
    match causes(error).find_map(|cause| cause.downcast_ref()).map(bare) {
        Some(error) if is_in_handshake(error) => NetworkFault::of_tls(error),
        Some(error) => NetworkFault::of_connect(error, on_this_machine),
        None => NetworkFault::Unreachable(innermost(error)),
    }
}

/// Returns the fault of a request on an open connection that was lost.
pub(crate) fn of_exchange(error: &(dyn Error + 'static)) -> NetworkFault {
    // TLS 1.3 lets a server reject a client after its handshake.
    let mut tls = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(NetworkFault::of_tls);
    let rejected = tls.find(|fault| matches!(fault, NetworkFault::ClientCertificate));
    rejected.unwrap_or_else(|| NetworkFault::Lost(innermost(error)))
}

/// Returns the last cause, which has the words of the operating system or of hyper.
fn innermost(error: &(dyn Error + 'static)) -> Arc<io::Error> {
    let cause = causes(error).last().unwrap_or(error);
    cause.downcast_ref().map_or_else(|| Arc::new(io::Error::other(cause.to_string())), copy)
}

/// Returns true for rustls's errors and for a connection that the server ended, so something listens there.
fn is_in_handshake(error: &io::Error) -> bool {
    let ended = [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe];
    ended.contains(&error.kind()) || of_rustls(error).is_some()
}

/// Returns an error and its causes.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&cause| cause.source())
}
