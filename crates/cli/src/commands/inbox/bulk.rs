//! Which events a person's decision is about: one by its number, or all that match.

use std::time::SystemTime;

use serde::Serialize;
use weifen::inbox::EventFilter;

use super::event_id;
use crate::arguments::FilterArguments;
use crate::failure::Failure;
use crate::output::Report;
use crate::time_argument::time;

/// One event, or many.
pub(super) enum Choice {
    One(i64),
    Many(EventFilter),
}

/// The choice that was made. `is_chosen` is whether something beside the filter chooses.
///
/// # Errors
/// When a value is wrong; and where nothing chooses, with `hint`.
pub(super) fn choice(
    id: Option<&str>,
    filter: &FilterArguments,
    is_chosen: bool,
    hint: &str,
) -> Result<Choice, Failure> {
    if let Some(id) = id {
        return event_id::read(id).map(Choice::One);
    }
    let FilterArguments { since, until, device, .. } = filter;
    if !is_chosen && since.is_none() && until.is_none() && device.is_none() {
        return Err(Failure::usage("no event is chosen").with_hint(hint));
    }
    let now = SystemTime::now();
    let since = since.as_deref().map(|since| time("--since", since, now)).transpose()?;
    let until = until.as_deref().map(|until| time("--until", until, now)).transpose()?;
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        return Err(Failure::usage("--until: must be later than --since"));
    }
    let mut chosen = EventFilter::new();
    if let Some(since) = since {
        chosen = chosen.since(since);
    }
    if let Some(until) = until {
        chosen = chosen.until(until);
    }
    match device.as_deref() {
        Some("") => Err(Failure::usage("--device: must not be empty")),
        Some(device) => Ok(Choice::Many(chosen.device(device))),
        None => Ok(Choice::Many(chosen)),
    }
}

/// What became of those that match; `changed` is 0 in a dry run.
///
/// # Errors
/// When the document can't be written, which is a fault of ours.
pub(super) fn report(
    document: &impl Serialize,
    matched: u64,
    what: &str,
    changed: Option<u64>,
) -> Result<Report, Failure> {
    let people = match changed {
        Some(changed) => format!("{changed} of {matched} {what} events are to be delivered."),
        None => format!("{matched} {what} events match; nothing is changed."),
    };
    Report::new(document, people)
}
