//! Conversion of columns to values. A row that this version can't read is an error, not a panic.

use sqlx::any::AnyRow;
use weifen_database::milliseconds;
use weifen_proto::fensi::{Fen, Push, Reference};

use super::{column, json, time};
use crate::identity::{Follow, Identity, StateDigest};
use crate::{Event, EventBooking, HoldReason, IdempotencyKey, Status};

/// The columns that [`event`] reads.
pub(super) const EVENT: &str =
    "id, follow, slot, status, reason, attempts, received_at, settled_at, last_failure, duplicates, raw, booking";

/// The error of a column with a value that no version of this program has written.
#[derive(Debug, thiserror::Error)]
#[error("the value was not written by weifen")]
struct Alien;

pub(super) fn alien(name: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: name.to_owned(), source: Alien.into() }
}

pub(super) fn digest<D: TryFrom<Vec<u8>>>(row: &AnyRow, name: &str) -> Result<D, sqlx::Error> {
    D::try_from(column::<Vec<u8>>(row, name)?).map_err(|_| alien(name))
}

/// The same, from hexadecimal text.
pub(super) fn digest_of<D: TryFrom<Vec<u8>>>(text: &str, name: &str) -> Result<D, sqlx::Error> {
    hex::decode(text).ok().and_then(|bytes| D::try_from(bytes).ok()).ok_or_else(|| alien(name))
}

pub(super) fn count<N: TryFrom<i64>>(row: &AnyRow, name: &str) -> Result<N, sqlx::Error> {
    N::try_from(column::<i64>(row, name)?).map_err(|_| alien(name))
}

pub(super) fn identity(row: &AnyRow) -> Result<Identity, sqlx::Error> {
    Ok(Identity { follow: digest::<Follow>(row, "follow")?, slot: digest::<StateDigest>(row, "slot")? })
}

/// Parses the push from the stored body.
pub(super) fn push(row: &AnyRow) -> Result<Option<Push>, sqlx::Error> {
    let raw: Option<Vec<u8>> = column(row, "raw")?;
    raw.map(|raw| Push::parse(&raw).map_err(|_| alien("raw"))).transpose()
}

/// A booking's reference; `None` also for text that this version would refuse.
pub(super) fn reference(text: Option<String>) -> Option<Reference> {
    text.and_then(|text| text.parse().ok())
}

pub(super) fn bid(number: Option<i64>) -> Option<Fen> {
    number.and_then(|bid| u64::try_from(bid).ok()).map(Fen)
}

/// The bid as it is stored.
pub(super) fn written_bid(bid: Option<Fen>) -> Option<i64> {
    bid.map(|bid| i64::try_from(bid.0).unwrap_or(i64::MAX))
}

/// The stored form of an event's booking, or of none.
pub(super) fn written_booking(booking: Option<&EventBooking>) -> Result<String, sqlx::Error> {
    json(&booking.map(|booking| {
        let booked_at = milliseconds::since_1970(booking.booked_at);
        (&booking.id, &booking.reference, written_bid(booking.bid), booked_at)
    }))
}

/// A booking as its column holds it: id, reference, bid and the milliseconds since 1970.
type Written = Option<(String, Option<String>, Option<i64>, i64)>;

/// The name of the booking out of the text of its column.
pub(super) fn booking_id(text: Option<&str>) -> Result<Option<String>, sqlx::Error> {
    let written: Written = serde_json::from_str(text.unwrap_or("null")).map_err(|_| alien("booking"))?;
    Ok(written.map(|(id, ..)| id))
}

/// Returns the booking, and false if the column is empty, as an older version left it.
pub(super) fn booking(row: &AnyRow) -> Result<(bool, Option<EventBooking>), sqlx::Error> {
    let Some(text) = column::<Option<String>>(row, "booking")? else { return Ok((false, None)) };
    let written: Written = serde_json::from_str(&text).map_err(|_| alien("booking"))?;
    let booking = written.map(|(id, of_shop, told, booked_at)| EventBooking {
        id,
        reference: reference(of_shop),
        bid: bid(told),
        booked_at: milliseconds::to_time(booked_at),
    });
    Ok((true, booking))
}

pub(super) fn event(row: &AnyRow) -> Result<Event, sqlx::Error> {
    let status: String = column(row, "status")?;
    let reason: Option<String> = column(row, "reason")?;
    let settled_at: Option<i64> = column(row, "settled_at")?;
    let (tells_booking, booking) = booking(row)?;
    Ok(Event {
        id: column(row, "id")?,
        key: IdempotencyKey::of(&identity(row)?),
        status: Status::read(&status).ok_or_else(|| alien("status"))?,
        hold_reason: reason.and_then(|reason| HoldReason::read(&reason)),
        attempts: count(row, "attempts")?,
        received_at: time(row, "received_at")?,
        settled_at: settled_at.map(milliseconds::to_time),
        last_failure: column(row, "last_failure")?,
        duplicates: count(row, "duplicates")?,
        push: push(row)?,
        booking,
        tells_booking,
    })
}
