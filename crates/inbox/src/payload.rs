//! The body of a delivery.

use jiff::Timestamp;
use serde::Serialize;
use weifen_fensi::Push;
use weifen_proto::fensi::{Fen, Reference};
use weifen_transport::Bytes;

use crate::FollowEvent;

#[derive(Serialize)]
struct Payload<'a> {
    r#type: &'static str,
    timestamp: String,
    data: &'a Push,
    /// Absent where an older version stored the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    booking: Option<AskedForBy<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bid_differs: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum AskedForBy<'a> {
    Nothing,
    Booking(Booking<'a>),
}

#[derive(Serialize)]
struct Booking<'a> {
    id: &'a str,
    reference: Option<&'a Reference>,
    bid: Option<Fen>,
    booked_at: String,
}

/// Encodes an event: the same bytes at every attempt. `None` where one of its times can't be written in RFC 3339.
pub(crate) fn bytes(event: &FollowEvent) -> Option<Bytes> {
    let time = |time| Timestamp::try_from(time).ok().map(|time| time.to_string());
    let booking = match &event.booking {
        Some(booking) => Some(AskedForBy::Booking(Booking {
            id: &booking.id,
            reference: booking.reference.as_ref(),
            bid: booking.bid,
            booked_at: time(booking.booked_at)?,
        })),
        None => event.tells_booking.then_some(AskedForBy::Nothing),
    };
    let payload = Payload {
        r#type: "fensi.follow",
        timestamp: time(event.received_at)?,
        data: &event.push,
        booking,
        bid_differs: event.bid_differs(),
    };
    serde_json::to_vec(&payload).ok().map(Bytes::from)
}
