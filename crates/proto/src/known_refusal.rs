//! A known refusal of a vendor.

use crate::RefusalKind;

/// A documented or observed refusal of a vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownRefusal {
    /// Code of the refusal.
    pub code: i64,
    /// Message of the vendor.
    pub message: &'static str,
    /// Reason of the refusal.
    pub kind: RefusalKind,
}

impl KnownRefusal {
    /// Creates a refusal with this code, message and reason.
    pub const fn new(code: i64, message: &'static str, kind: RefusalKind) -> Self {
        Self { code, message, kind }
    }
}
