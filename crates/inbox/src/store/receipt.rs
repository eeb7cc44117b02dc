//! The receipt of a push: what became of it.

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
    /// It is none of ours, or none that can be understood, and is stored for a person to look at.
    Quarantined,
}

/// A push's receipt, or the bound beyond which it is not held.
pub(crate) type Judged = Result<Receipt, Excess>;
