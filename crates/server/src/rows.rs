//! Rows of the inbox as programs see them: in answers of the API and in the JSON of the command line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;
use weifen::fensi::{Fen, Push, Reference};
use weifen::inbox::{Event, EventBooking, HoldReason, IdempotencyKey, Quarantined, Status};

use crate::api::times::at;

/// An event of the inbox. Fields that are absent are left out, but for `push`, which a purge erases, and `booking`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventRow {
    /// Its number in this inbox.
    id: i64,
    /// Its permanent name: the `webhook-id` of its deliveries.
    #[schema(value_type = String)]
    webhook_id: IdempotencyKey,
    /// `pending`, `held`, `delivered` or `dead`; more may come.
    #[schema(value_type = String)]
    status: Status,
    /// Number of times that it was handed out.
    attempts: u32,
    #[schema(format = DateTime)]
    received_at: String,
    #[schema(value_type = Option<PushFields>)]
    push: Option<Push>,
    booking: Option<EventBookingRow>,
    /// True where the push names another bid than the QR code did.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    bid_differs: bool,
    /// Number of copies that came in after it.
    duplicates: u64,
    /// The reason for which it is or was held: `booking_over`, `other_state`, `other_device` or `not_booked`; more
    /// may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    hold_reason: Option<HoldReason>,
    /// The failure of its last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    /// The time at which it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    settled_at: Option<String>,
}

/// The booking that asked for an event's push.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventBooking)]
struct EventBookingRow {
    id: String,
    /// Your own text.
    #[schema(value_type = Option<String>)]
    reference: Option<Reference>,
    /// The bid that the answer with the QR code told, in fen.
    #[schema(value_type = Option<i64>)]
    bid: Option<Fen>,
    #[schema(format = DateTime)]
    booked_at: String,
}

/// A push of 粉丝万岁, under the vendor's names.
#[derive(ToSchema)]
#[schema(as = Push)]
#[expect(dead_code, reason = "its schema alone is used: `Push` writes it")]
struct PushFields {
    /// The address that it was sent to, by the vendor's records.
    #[schema(required = false)]
    server_url: Option<String>,
    /// The device.
    key: String,
    develop_appid: String,
    /// The user.
    auth_open_id: String,
    /// The price of the follow, in fen.
    bidding: i64,
    /// The account.
    appid: String,
    /// The account's name.
    #[schema(required = false)]
    appname: Option<String>,
    /// The user in the account.
    #[schema(required = false)]
    openid: Option<String>,
    nickname: String,
    /// The text that the request for the QR code sent along.
    #[schema(required = false)]
    state: Option<String>,
}

impl EventRow {
    /// Its number in its inbox.
    pub fn id(&self) -> i64 {
        self.id
    }
}

impl From<Event> for EventRow {
    fn from(event: Event) -> Self {
        Self {
            bid_differs: event.bid_differs(),
            id: event.id,
            webhook_id: event.key,
            status: event.status,
            attempts: event.attempts,
            received_at: at(event.received_at),
            push: event.push,
            booking: event.booking.map(EventBookingRow::from),
            duplicates: event.duplicates,
            hold_reason: event.hold_reason,
            last_failure: event.last_failure,
            settled_at: event.settled_at.map(at),
        }
    }
}

impl From<EventBooking> for EventBookingRow {
    fn from(booking: EventBooking) -> Self {
        let booked_at = at(booking.booked_at);
        Self { id: booking.id, reference: booking.reference, bid: booking.bid, booked_at }
    }
}

/// A quarantined request. Of `raw` and `raw_base64` there is one.
#[derive(Serialize, ToSchema)]
#[schema(as = Quarantined)]
pub struct QuarantineRow {
    /// Its number in this inbox.
    id: i64,
    #[schema(format = DateTime)]
    received_at: String,
    /// The reason for which it is no push of ours.
    reason: String,
    /// The `Content-Type` that it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// The body, where it is UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    /// The body in base64, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
}

impl QuarantineRow {
    /// Its number in its inbox.
    pub fn id(&self) -> i64 {
        self.id
    }
}

impl From<Quarantined> for QuarantineRow {
    fn from(quarantined: Quarantined) -> Self {
        let (raw, raw_base64) = match String::from_utf8(quarantined.raw) {
            Ok(text) => (Some(text), None),
            Err(error) => (None, Some(STANDARD.encode(error.as_bytes()))),
        };
        Self {
            id: quarantined.id,
            received_at: at(quarantined.received_at),
            reason: quarantined.reason,
            content_type: quarantined.content_type,
            raw,
            raw_base64,
        }
    }
}

/// Leaves the body out: it may hold personal data.
impl std::fmt::Debug for QuarantineRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuarantineRow").field("id", &self.id).field("reason", &self.reason).finish_non_exhaustive()
    }
}
