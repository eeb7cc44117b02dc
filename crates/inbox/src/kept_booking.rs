//! A booking as the inbox keeps it, and its status: what became of the QR code, as far as pushes tell.

use std::fmt;
use std::time::SystemTime;

use weifen_proto::fensi::{Fen, Reference};

/// A booking as the inbox keeps it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptBooking {
    /// Name of a time and 128 random bits, as hexadecimal text. Whoever has it may ask for the status.
    pub id: String,
    /// Place in the order in which bookings were made.
    pub number: i64,
    /// Its status, as far as pushes tell.
    pub status: BookingStatus,
    /// The user who is to follow.
    pub auth_open_id: String,
    /// The device at which the user stands.
    pub key: String,
    /// The account that the user is to follow.
    pub appid: String,
    /// The text that the push must bring back.
    pub state: Option<String>,
    /// The shop's own text.
    pub reference: Option<Reference>,
    /// The bid that the answer with the QR code told.
    pub bid: Option<Fen>,
    /// Time when it was made.
    pub booked_at: SystemTime,
    /// Time from which on no push is expected.
    pub ends_at: SystemTime,
    /// The event of its push; of [`BookingStatus::Repeated`] the event that was paid before.
    pub event_id: Option<i64>,
}

/// The state is what a forger must not learn, and the id lets everybody ask.
impl fmt::Debug for KeptBooking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptBooking")
            .field("number", &self.number)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Status of a booking. It shows thanks on a screen; only a delivery hands out goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BookingStatus {
    /// A push is expected.
    Open,
    /// Its push came, and is delivered.
    Followed,
    /// A push for its user and account came and waits for a person.
    Held,
    /// Its time is over.
    Ended,
    /// A newer QR code was given out for the same user and account.
    Replaced,
    /// This follow was paid before.
    Repeated,
}

impl BookingStatus {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Open, Self::Followed, Self::Held, Self::Ended, Self::Replaced, Self::Repeated];

    /// The word that stands for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Followed => "followed",
            Self::Held => "held",
            Self::Ended => "ended",
            Self::Replaced => "replaced",
            Self::Repeated => "repeated",
        }
    }
}

/// Facts about a booking's follow, from which its status is judged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    /// The event whose push it asked for, or which came since and was released by a person.
    pub(crate) asked_for: Option<i64>,
    /// An event that was paid, and of which the follow would be a copy.
    pub(crate) paid: Option<i64>,
    /// A held event that came since.
    pub(crate) held: Option<i64>,
    /// True where a newer booking has taken its place.
    pub(crate) is_replaced: bool,
    pub(crate) is_over: bool,
}

impl Known {
    pub(crate) fn status(self) -> (BookingStatus, Option<i64>) {
        match self {
            Self { asked_for: Some(event), .. } => (BookingStatus::Followed, Some(event)),
            Self { is_replaced: true, .. } => (BookingStatus::Replaced, None),
            Self { paid: Some(event), .. } => (BookingStatus::Repeated, Some(event)),
            Self { held: Some(event), .. } => (BookingStatus::Held, Some(event)),
            Self { is_over: true, .. } => (BookingStatus::Ended, None),
            _ => (BookingStatus::Open, None),
        }
    }
}
