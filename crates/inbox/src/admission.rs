//! The verdict on a push, as a pure decision: by its follow's earlier events, the bookings, and the rules.

use crate::arrival::Arrival;
use crate::identity::StateDigest;
use crate::rules::Unsolicited;
use crate::{EventBooking, HoldReason, Rules, SecondFollow};

/// An event of the same follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<Id> {
    pub(crate) id: Id,
    pub(crate) slot: StateDigest,
    pub(crate) state: StateDigest,
    pub(crate) held: bool,
}

/// A booking of the same follow.
#[derive(Debug, Clone)]
pub(crate) struct Booked {
    /// Its place in the order in which bookings were made.
    pub(crate) number: i64,
    /// The booking as the event reports it.
    pub(crate) told: EventBooking,
    pub(crate) key: String,
    pub(crate) state: StateDigest,
    /// In milliseconds since 1970.
    pub(crate) ends_at: i64,
}

/// The verdict on a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission<'a, Id> {
    /// It is a new event, to be delivered. The booking asked for it, if one did.
    Deliver(Option<&'a EventBooking>),
    /// It is a new event that waits for a person.
    Hold(HoldReason),
    /// It is not kept.
    Drop,
    /// It is a copy of an event.
    Duplicate(Id),
    /// It is the genuine push of a held event, which is delivered with this content. The booking asked for it.
    Confirm(Id, &'a EventBooking),
}

/// Decides by the bookings at the time of receipt: the push's own `came_at`, else `now`.
pub(crate) fn admit<'a, Id: Copy>(
    arrival: &Arrival,
    known: &[Known<Id>],
    booked: &'a [Booked],
    rules: &Rules,
    now: i64,
) -> Admission<'a, Id> {
    let asked = asked_for_by(arrival, booked, arrival.came_at.unwrap_or(now));
    let same: Vec<_> = known.iter().filter(|known| is_same(arrival, known, rules)).collect();
    if let Some(paid) = same.iter().find(|known| !known.held) {
        return Admission::Duplicate(paid.id);
    }
    match (same.first(), asked, rules.on_unsolicited()) {
        (Some(held), Ok(booking), _) => Admission::Confirm(held.id, booking),
        (Some(held), Err(_), _) => Admission::Duplicate(held.id),
        (None, asked @ Ok(_), _) | (None, asked, Unsolicited::Pay) => Admission::Deliver(asked.ok()),
        (None, Err(reason), Unsolicited::Hold) => Admission::Hold(reason),
        (None, Err(_), Unsolicited::Drop) => Admission::Drop,
    }
}

/// Returns true where the push is about a known event. An event that was stored while second follows were ignored has
/// no state in its slot: then the push is a new event only if its state differs.
fn is_same<Id>(arrival: &Arrival, known: &Known<Id>, rules: &Rules) -> bool {
    match rules.on_second_follow() {
        SecondFollow::Ignore => true,
        SecondFollow::PerState => {
            known.slot == arrival.identity.slot || (known.slot.is_none() && known.state == arrival.state)
        }
    }
}

/// Returns the newest booking that asked for the push, else the hold reason of the nearest miss.
fn asked_for_by<'a>(arrival: &Arrival, booked: &'a [Booked], came_at: i64) -> Result<&'a EventBooking, HoldReason> {
    let miss = |booked: &Booked| {
        if booked.key != arrival.key {
            Some(HoldReason::OtherDevice)
        } else if !booked.state.is_none() && booked.state != arrival.state {
            Some(HoldReason::OtherState)
        } else if booked.ends_at <= came_at {
            Some(HoldReason::BookingOver)
        } else {
            None
        }
    };
    let newest = booked.iter().filter(|booked| miss(booked).is_none()).max_by_key(|booked| booked.number);
    let nearest_miss = || booked.iter().filter_map(miss).min().unwrap_or(HoldReason::NotBooked);
    newest.map(|booked| &booked.told).ok_or_else(nearest_miss)
}
