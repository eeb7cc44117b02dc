//! The receipt of a push: its outcome.

use crate::HoldReason;
use crate::unwanted::Excess;

/// The outcome of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Receipt {
    /// It is stored and will be delivered.
    Stored,
    /// It is stored and waits for a person.
    Held(HoldReason),
    /// It is a copy of one that was stored before; it was counted there.
    Duplicate,
    /// No booking asked for it, and the rules say to drop such.
    Dropped,
    /// It is no push of ours, or can't be understood, and is stored for a person to look at.
    Quarantined,
}

/// A push's receipt, or the cap that keeps it from being held.
pub(crate) type Judged = Result<Receipt, Excess>;
