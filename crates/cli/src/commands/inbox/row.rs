//! An event as people see it. Programs get a `weifen_server::EventRow`.

use weifen::fensi::Push;
use weifen::inbox::{Event, EventBooking, Status};
use weifen_server::EventRow;

use crate::commands::fensi::{push, qrcode::in_yuan};
use crate::failure::Failure;
use crate::output::{Report, pairs};
use crate::times::at;

pub(super) const HEADER: [&str; 8] = ["id", "status", "received_at", "user", "account", "bid", "attempts", "because"];

/// Its cells under [`HEADER`].
pub(super) fn cells(event: &Event) -> Result<[String; 8], Failure> {
    let of_push = |cell: fn(&Push) -> String| event.push.as_ref().map_or_else(|| "(purged)".to_owned(), cell);
    let because = match event.status {
        Status::Held => event.hold_reason.map(|reason| reason.as_str().to_owned()),
        _ => event.last_failure.clone(),
    };
    Ok([
        event.id.to_string(),
        event.status.to_string(),
        at(event.received_at)?,
        of_push(|push| push.auth_open_id.to_string()),
        of_push(|push| push.appid.clone()),
        of_push(|push| push.bid.to_string()),
        event.attempts.to_string(),
        because.unwrap_or_default(),
    ])
}

fn facts(event: &Event) -> Result<String, Failure> {
    let of_booking = |fact: fn(&EventBooking) -> Option<String>| event.booking.as_ref().and_then(fact);
    let of_event = [
        ("id", Some(event.id.to_string())),
        ("webhook_id", Some(event.key.to_string())),
        ("status", Some(event.status.to_string())),
        ("held because", event.hold_reason.map(|reason| reason.as_str().to_owned())),
        ("attempts", Some(event.attempts.to_string())),
        ("last failure", event.last_failure.clone()),
        ("received_at", Some(at(event.received_at)?)),
        ("settled_at", event.settled_at.map(at).transpose()?),
        ("duplicates", Some(event.duplicates.to_string())),
        ("reference", of_booking(|booking| booking.reference.as_ref().map(|text| text.as_str().to_owned()))),
        ("booked_at", event.booking.as_ref().map(|booking| at(booking.booked_at)).transpose()?),
        ("booked bid", of_booking(|booking| booking.bid.map(in_yuan)).filter(|_| event.bid_differs())),
        ("push", event.push.is_none().then(|| "purged".to_owned())),
    ];
    let of_event = of_event.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Ok(pairs(of_event.chain(event.push.iter().flat_map(push::facts))))
}

/// Reports one event, with a sentence for people before its facts.
///
/// # Errors
/// When the row can't be written as JSON, which is a bug of weifen.
pub(super) fn report(event: Event, sentence: Option<&str>) -> Result<Report, Failure> {
    let facts = facts(&event)?;
    let people = match sentence {
        Some(sentence) => format!("{sentence}\n\n{facts}"),
        None => facts,
    };
    Report::of("event", &EventRow::from(event), people)
}
