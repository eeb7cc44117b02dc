//! The quarantine: what came in and is no push of ours, or none that can be understood.

pub(super) mod list;
pub(super) mod readmit;
