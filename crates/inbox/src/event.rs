//! Events as people and programs see them: the push, and the status of its delivery.

use std::fmt;
use std::time::SystemTime;

use weifen_proto::fensi::{Fen, Push, Reference};

use crate::IdempotencyKey;

/// A follow to be paid, as a handler gets it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FollowEvent {
    /// The vendor's push.
    pub push: Push,
    /// Time of receipt.
    pub received_at: SystemTime,
    /// Number of times that it was handed out, this one included, from 1; counted anew after a redrive.
    pub attempt: u32,
    /// The booking that asked for the push; `None` where none did, or an older version stored the event.
    pub booking: Option<EventBooking>,
    /// False where an older version stored it: its deliveries keep the body that they had.
    pub(crate) tells_booking: bool,
}

impl FollowEvent {
    /// Returns true where the push's bid differs from the bid in the answer with the QR code.
    pub fn bid_differs(&self) -> bool {
        self.booking.as_ref().is_some_and(|booking| booking.differs_from(&self.push))
    }
}

/// The booking that asked for an event's push, as it was when the push came in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventBooking {
    /// Its name: a time and 128 random bits, as hexadecimal text.
    pub id: String,
    /// The shop's own text for the QR code.
    pub reference: Option<Reference>,
    /// The bid in the answer with the QR code; `None` where it was not booked.
    pub bid: Option<Fen>,
    /// Time at which it was made.
    pub booked_at: SystemTime,
}

impl EventBooking {
    fn differs_from(&self, push: &Push) -> bool {
        self.bid.is_some_and(|bid| bid != push.bid)
    }
}

/// The state of an event's delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// It is to be delivered, or is being delivered.
    Pending,
    /// It waits for a person to release it.
    Held,
    /// Its handler took it.
    Delivered,
    /// It was given up, and waits for a person to redrive it.
    Dead,
}

impl Status {
    const ALL: [Self; 4] = [Self::Pending, Self::Held, Self::Delivered, Self::Dead];

    /// The word that stands for it in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reasons to hold an event, the nearest miss of a booking first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HoldReason {
    /// Its booking had ended.
    BookingOver,
    /// Its `state` is not the one that was booked.
    OtherState,
    /// Its `key` is not the one that was booked.
    OtherDevice,
    /// There is no booking for its user and account.
    NotBooked,
}

impl HoldReason {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::BookingOver, Self::OtherState, Self::OtherDevice, Self::NotBooked];

    /// The word that stands for it in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BookingOver => "booking_over",
            Self::OtherState => "other_state",
            Self::OtherDevice => "other_device",
            Self::NotBooked => "not_booked",
        }
    }

    /// Returns the fault of the push, and advice for the next ones.
    pub(crate) const fn explanation(self) -> &'static str {
        match self {
            Self::BookingOver => {
                "its booking had ended when the push came; if that happens to genuine followers, book for longer \
                 (`--ttl`)"
            }
            Self::OtherState => {
                "its state differs from the booked state; if all pushes are held for this reason, the platform does \
                 not send the state back: book without a state"
            }
            Self::OtherDevice => {
                "its key differs from the booked key; book with the key with which the QR code was requested"
            }
            Self::NotBooked => {
                "no booking expects it; book each QR code before you show it (`weifen fensi qrcode --book`, `weifen \
                 inbox book`), or, if your program cannot book, set serve.unsolicited = \"pay\""
            }
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// An event in an inbox.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// Its number in this inbox.
    pub id: i64,
    /// Its permanent name, the `webhook-id` of its deliveries.
    pub key: IdempotencyKey,
    /// The state of its delivery.
    pub status: Status,
    /// Reason for which it is or was held.
    pub hold_reason: Option<HoldReason>,
    /// Number of times that it was handed out.
    pub attempts: u32,
    /// Time of receipt.
    pub received_at: SystemTime,
    /// Time at which it was delivered or given up.
    pub settled_at: Option<SystemTime>,
    /// Failure of its last attempt.
    pub last_failure: Option<String>,
    /// Number of copies that came in after it.
    pub duplicates: u64,
    /// The vendor's push; `None` after a purge.
    pub push: Option<Push>,
    /// The booking that asked for the push; `None` where none did, after a purge, or where an older version stored it.
    pub booking: Option<EventBooking>,
    /// As in [`FollowEvent`].
    pub(crate) tells_booking: bool,
}

impl Event {
    /// Returns what a handler gets of it; `None` after a purge.
    pub fn as_delivery(&self) -> Option<FollowEvent> {
        Some(FollowEvent {
            push: self.push.clone()?,
            received_at: self.received_at,
            attempt: self.attempts.max(1),
            booking: self.booking.clone(),
            tells_booking: self.tells_booking,
        })
    }

    /// Returns true where the push's bid differs from the bid in the answer with the QR code.
    pub fn bid_differs(&self) -> bool {
        self.booking.as_ref().zip(self.push.as_ref()).is_some_and(|(booking, push)| booking.differs_from(push))
    }

    /// Returns, for a person, the reason why it was not released (`from` held) or redriven (`from` dead).
    pub fn why_not(&self, from: Status) -> String {
        let id = self.id;
        if self.status != from {
            format!("event {id} is not {from} but {}", self.status)
        } else if self.push.is_none() {
            format!("event {id} was purged: its data is erased and cannot be delivered")
        } else {
            format!("event {id} was not {from} when the change was tried; try again")
        }
    }
}

/// A request that is no push of ours, or can't be understood.
#[derive(Clone)]
#[non_exhaustive]
pub struct Quarantined {
    /// Its number in this inbox.
    pub id: i64,
    /// Time of receipt.
    pub received_at: SystemTime,
    /// Reason for the quarantine.
    pub reason: String,
    /// The `Content-Type` that it came with.
    pub content_type: Option<String>,
    /// The body, byte for byte.
    pub raw: Vec<u8>,
}

/// Leaves the body out: it may hold personal data.
impl fmt::Debug for Quarantined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quarantined").field("id", &self.id).field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// A booking that ended without a push.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingPush {
    /// The user who should have followed.
    pub auth_open_id: String,
    /// The account to follow.
    pub appid: String,
    /// The device at which the user stood.
    pub key: String,
    /// Time at which its QR code was given out.
    pub booked_at: SystemTime,
    /// Time at which its push ceased to be expected.
    pub ended_at: SystemTime,
    /// The shop's own text for the QR code.
    pub reference: Option<Reference>,
    /// The bid in the answer with the QR code.
    pub bid: Option<Fen>,
}
