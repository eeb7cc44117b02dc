//! Acknowledgements of deliveries.

use std::time::Duration;

use crate::HandlerError;

/// An acknowledgement by the holder of a lease.
#[derive(Debug, Clone)]
pub struct Ack {
    /// [`Delivery::id`](crate::Delivery::id).
    pub id: i64,
    /// [`Delivery::lease`](crate::Delivery::lease).
    pub lease: String,
    /// What the consumer says.
    pub outcome: AckOutcome,
}

/// What a consumer says of an event that it has claimed.
#[derive(Debug, Clone)]
pub enum AckOutcome {
    /// It was taken, durably: it is delivered.
    Taken,
    /// It was not taken: the error says what becomes of it.
    NotTaken(HandlerError),
    /// The consumer works on: the lease ends after this time from now on. An hour at most.
    Extend(Duration),
}

/// What an acknowledgement has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckResult {
    /// It counts, now or since the same one was sent before.
    Done,
    /// It changes nothing: another consumer has claimed the event since, the lease was acknowledged otherwise, or it
    /// is none of this inbox.
    Overtaken,
}
