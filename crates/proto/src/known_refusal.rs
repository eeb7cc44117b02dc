//! A refusal that a vendor is known to give.

use crate::RefusalKind;

/// A refusal that a vendor documents, or that was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownRefusal {
    /// The vendor's code.
    pub code: i64,
    /// The vendor's words.
    pub message: &'static str,
    /// The reason for it.
    pub kind: RefusalKind,
}

impl KnownRefusal {
    /// A refusal with this code and these words.
    pub const fn new(code: i64, message: &'static str, kind: RefusalKind) -> Self {
        Self { code, message, kind }
    }
}
