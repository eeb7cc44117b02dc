//! Event numbers as arguments, and the errors for wrong ones.

use weifen::inbox::{Event, Inbox};

use crate::failure::Failure;

/// Parses an event's number.
///
/// # Errors
/// When the text is not a number.
pub(super) fn read(given: &str) -> Result<i64, Failure> {
    number(given).ok_or_else(|| {
        Failure::usage("ID: expected an event's number, such as 7 (its webhook_id is for those who receive it)")
            .with_hint("`weifen inbox list` shows the numbers")
    })
}

/// Parses a row's number, digits alone.
pub(super) fn number(given: &str) -> Option<i64> {
    given.parse().ok().filter(|_| given.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the event of that number.
///
/// # Errors
/// When no event has this number, or the database can't be read.
pub(super) async fn event(inbox: &Inbox, id: i64) -> Result<Event, Failure> {
    let event = inbox.event(id).await?;
    event.ok_or_else(|| {
        Failure::usage(format!("no event has the number {id} in {}", inbox.database()))
            .with_hint("`weifen inbox list` shows the numbers")
    })
}
