//! The target of a fault: an operation, or the push.

use crate::vendor::Vendor;

/// The push, of which `slow-push` and `lost-push` are the faults.
pub(crate) const PUSH: Subject = Subject { vendor: Vendor::Fensi, name: "push", page: false };

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) vendor: Vendor,
    pub(crate) name: &'static str,
    /// No call of the vendor's: a page or an image.
    pub(crate) page: bool,
}

impl Subject {
    /// True where `text` names it: `order_report`, or `weiting.order_report`.
    pub(crate) fn is_named(&self, text: &str) -> bool {
        text.strip_prefix(self.vendor.name()).and_then(|rest| rest.strip_prefix('.')).unwrap_or(text) == self.name
    }
}
