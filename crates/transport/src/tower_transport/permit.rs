//! The one right to send a request: whoever takes it first sends, or has proven that nothing was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Travels in a request's extensions. Copies of a request share it.
#[derive(Debug, Clone, Default)]
pub(super) struct SendPermit(Arc<AtomicBool>);

impl SendPermit {
    /// Whether it was still there to be taken.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}
