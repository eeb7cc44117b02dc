//! An event as programs and people see it.

use serde::Serialize;
use weifen::fensi::{Fen, Push, Reference};
use weifen::inbox::{Event, EventBooking, HoldReason, IdempotencyKey, Status};

use crate::commands::fensi::{push, qrcode::in_yuan};
use crate::failure::Failure;
use crate::output::{Report, pairs};
use crate::times::at;

/// An event with its JSON names. Absent fields are left out, but for the push, which a purge erases.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) id: i64,
    webhook_id: IdempotencyKey,
    status: Status,
    attempts: u32,
    received_at: String,
    push: Option<Push>,
    booking: Option<BookingRow>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bid_differs: bool,
    duplicates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_reason: Option<HoldReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<String>,
}

#[derive(Serialize)]
struct BookingRow {
    id: String,
    reference: Option<Reference>,
    bid: Option<Fen>,
    booked_at: String,
}

impl TryFrom<EventBooking> for BookingRow {
    type Error = Failure;

    fn try_from(booking: EventBooking) -> Result<Self, Failure> {
        let booked_at = at(booking.booked_at)?;
        Ok(Self { id: booking.id, reference: booking.reference, bid: booking.bid, booked_at })
    }
}

impl TryFrom<Event> for Row {
    type Error = Failure;

    fn try_from(event: Event) -> Result<Self, Failure> {
        Ok(Self {
            bid_differs: event.bid_differs(),
            id: event.id,
            webhook_id: event.key,
            status: event.status,
            attempts: event.attempts,
            received_at: at(event.received_at)?,
            push: event.push,
            booking: event.booking.map(BookingRow::try_from).transpose()?,
            duplicates: event.duplicates,
            hold_reason: event.hold_reason,
            last_failure: event.last_failure,
            settled_at: event.settled_at.map(at).transpose()?,
        })
    }
}

impl Row {
    pub(super) const HEADER: [&str; 8] =
        ["id", "status", "received_at", "user", "account", "bid", "attempts", "because"];

    /// Its cells under [`HEADER`](Self::HEADER).
    pub(super) fn cells(&self) -> [String; 8] {
        let of_push = |cell: fn(&Push) -> String| self.push.as_ref().map_or_else(|| "(purged)".to_owned(), cell);
        let because = match self.status {
            Status::Held => self.hold_reason.map(|reason| reason.as_str().to_owned()),
            _ => self.last_failure.clone(),
        };
        [
            self.id.to_string(),
            self.status.to_string(),
            self.received_at.clone(),
            of_push(|push| push.auth_open_id.to_string()),
            of_push(|push| push.appid.clone()),
            of_push(|push| push.bid.to_string()),
            self.attempts.to_string(),
            because.unwrap_or_default(),
        ]
    }

    fn facts(&self) -> String {
        let of_booking = |fact: fn(&BookingRow) -> Option<String>| self.booking.as_ref().and_then(fact);
        let of_event = [
            ("id", Some(self.id.to_string())),
            ("webhook_id", Some(self.webhook_id.to_string())),
            ("status", Some(self.status.to_string())),
            ("held because", self.hold_reason.map(|reason| reason.as_str().to_owned())),
            ("attempts", Some(self.attempts.to_string())),
            ("last failure", self.last_failure.clone()),
            ("received_at", Some(self.received_at.clone())),
            ("settled_at", self.settled_at.clone()),
            ("duplicates", Some(self.duplicates.to_string())),
            ("reference", of_booking(|booking| booking.reference.as_ref().map(|text| text.as_str().to_owned()))),
            ("booked_at", of_booking(|booking| Some(booking.booked_at.clone()))),
            ("booked bid", of_booking(|booking| booking.bid.map(in_yuan)).filter(|_| self.bid_differs)),
            ("push", self.push.is_none().then(|| "purged".to_owned())),
        ];
        let of_event = of_event.into_iter().filter_map(|(name, value)| Some((name, value?)));
        pairs(of_event.chain(self.push.iter().flat_map(push::facts)))
    }

    /// Reports one event, with a sentence for people before its facts.
    ///
    /// # Errors
    /// When the document can't be encoded, which is a bug of weifen.
    pub(super) fn report(self, sentence: Option<&str>) -> Result<Report, Failure> {
        let people = match sentence {
            Some(sentence) => format!("{sentence}\n\n{}", self.facts()),
            None => self.facts(),
        };
        Report::of("event", &self, people)
    }
}
