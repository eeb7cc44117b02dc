//! Deliveries by pull: claimed, and acknowledged.

pub(super) mod ack;
pub(super) mod claim;
