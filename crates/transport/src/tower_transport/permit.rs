//! The permit to send a request. A sender that takes it sends; a waiter that takes it proves that nothing was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Permit in a request's extensions, shared by the copies of the request.
#[derive(Debug, Clone, Default)]
pub(super) struct SendPermit(Arc<AtomicBool>);

impl SendPermit {
    /// Takes the permit; returns false where it was taken before.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}
