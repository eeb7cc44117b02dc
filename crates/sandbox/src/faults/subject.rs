//! What a fault can hit: an operation, or the push.

use crate::{
    exchange::{Operation, Vendor},
    fensi, weiting,
};

/// The push, of which `slow-push` and `lost-push` are the faults.
pub(crate) const PUSH: Subject = Subject { vendor: Vendor::Fensi, name: "push", page: false };

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) vendor: Vendor,
    pub(crate) name: &'static str,
    /// No call of the vendor's: a page or an image.
    pub(crate) page: bool,
}

impl From<&Operation> for Subject {
    fn from(operation: &Operation) -> Self {
        Self { vendor: operation.vendor, name: operation.name, page: operation.page }
    }
}

impl Subject {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        weiting::OPERATIONS.into_iter().chain(fensi::OPERATIONS).map(Self::from).chain([PUSH])
    }

    /// Whether `text` names it: `order_report`, or `weiting.order_report`.
    pub(super) fn is_named(&self, text: &str) -> bool {
        text.strip_prefix(self.vendor.name()).and_then(|rest| rest.strip_prefix('.')).unwrap_or(text) == self.name
    }
}
