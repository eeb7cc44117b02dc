//! What becomes of a push, as a pure decision: what is already known of its follow, what was booked, and the rules.

use crate::arrival::Arrival;
use crate::identity::StateDigest;
use crate::rules::Unsolicited;
use crate::{HoldReason, Rules, SecondFollow};

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
    pub(crate) key: String,
    pub(crate) state: StateDigest,
    /// In milliseconds since 1970.
    pub(crate) ends_at: i64,
}

/// What becomes of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission<Id> {
    /// It is a new event, to be delivered.
    Deliver,
    /// It is a new event that waits for a person.
    Hold(HoldReason),
    /// It is not kept.
    Drop,
    /// It is a copy of an event.
    Duplicate(Id),
    /// It is what a held event had only claimed to be: that event is to be delivered, as this push tells it.
    Confirm(Id),
}

/// Decides by what was booked when the push came: `now`, unless the push says otherwise.
pub(crate) fn admit<Id: Copy>(
    arrival: &Arrival,
    known: &[Known<Id>],
    booked: &[Booked],
    rules: &Rules,
    now: i64,
) -> Admission<Id> {
    let unasked = why_unasked(arrival, booked, arrival.came_at.unwrap_or(now));
    let same: Vec<_> = known.iter().filter(|known| is_same(arrival, known, rules)).collect();
    if let Some(paid) = same.iter().find(|known| !known.held) {
        return Admission::Duplicate(paid.id);
    }
    match (same.first(), unasked, rules.on_unsolicited()) {
        (Some(held), None, _) => Admission::Confirm(held.id),
        (Some(held), Some(_), _) => Admission::Duplicate(held.id),
        (None, None, _) | (None, Some(_), Unsolicited::Pay) => Admission::Deliver,
        (None, Some(reason), Unsolicited::Hold) => Admission::Hold(reason),
        (None, Some(_), Unsolicited::Drop) => Admission::Drop,
    }
}

/// Whether a known event is the one that the push is about. Where second follows were ignored when it was stored, its
/// slot does not tell its state, which then has to be another for the push to be a new event.
fn is_same<Id>(arrival: &Arrival, known: &Known<Id>, rules: &Rules) -> bool {
    match rules.on_second_follow() {
        SecondFollow::Ignore => true,
        SecondFollow::PerState => {
            known.slot == arrival.identity.slot || (known.slot.is_none() && known.state == arrival.state)
        }
    }
}

/// Why no booking asked for the push; `None` where one did. Of several bookings the nearest miss tells.
fn why_unasked(arrival: &Arrival, booked: &[Booked], came_at: i64) -> Option<HoldReason> {
    let misses = booked.iter().map(|booked| {
        if booked.key != arrival.key {
            Some(HoldReason::OtherDevice)
        } else if !booked.state.is_none() && booked.state != arrival.state {
            Some(HoldReason::OtherState)
        } else if booked.ends_at <= came_at {
            Some(HoldReason::BookingOver)
        } else {
            None
        }
    });
    misses.min().unwrap_or(Some(HoldReason::NotBooked))
}
