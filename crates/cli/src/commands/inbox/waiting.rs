//! What became of an event that a person wanted delivered which waited for that.

use weifen::inbox::{Event, Status};

use super::row::Row;
use crate::failure::Failure;
use crate::output::Report;

/// The event after it; or why it did not wait as `waited` says.
///
/// # Errors
/// When nothing was changed.
pub(super) fn report(event: Event, waited: Status, is_due: bool) -> Result<Report, Failure> {
    let id = event.id;
    if is_due {
        return Row::try_from(event)?.report(Some(&format!("Event {id} is to be delivered.")));
    }
    Err(Failure::usage(if event.status != waited {
        format!("event {id} isn't {waited}: it is {}", event.status)
    } else if event.push.is_none() {
        format!("event {id} was purged: there is nothing left to deliver")
    } else {
        format!("event {id} was not {waited} a moment ago")
    }))
}
