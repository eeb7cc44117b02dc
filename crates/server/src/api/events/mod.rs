//! Events: the pushes that were stored, and their deliveries.

pub(super) mod feed;
pub(super) mod list;
pub(super) mod redrive;
pub(super) mod redrive_matching;
pub(super) mod release;
pub(super) mod show;
pub(super) mod stream;

use std::time::SystemTime;

use weifen::inbox::{Event, EventFilter, Status};

use super::Api;
use super::fault::Fault;
use super::page;
use super::problem::{Kind, Problem};
use super::times::moment;

/// Returns the event of this number or webhook id.
async fn event(api: &Api, id: &str) -> Result<Event, Problem> {
    let found = match page::number(id) {
        Some(number) => api.inbox.event(number).await?,
        None => api.inbox.event_named(id).await?,
    };
    found.ok_or_else(|| Problem::new(Kind::NotFound, "no event has this id"))
}

/// Makes an event due that waits in the status `from`, and returns it as it is then.
async fn make_due(api: &Api, id: &str, from: Status) -> Result<Event, Problem> {
    let number = event(api, id).await?.id;
    let is_due =
        if from == Status::Held { api.inbox.release(number).await? } else { api.inbox.redrive(number).await? };
    let event = event(api, id).await?;
    if is_due { Ok(event) } else { Err(Fault::of_parameter("id", event.why_not(from)).into()) }
}

/// Reads a span of time into a filter.
fn span(
    filter: EventFilter,
    received_after: Option<&str>,
    received_before: Option<&str>,
    fault: fn(&str, String) -> Fault,
) -> Result<EventFilter, Problem> {
    let (since, until): (Option<SystemTime>, _) = (received_after.and_then(moment), received_before.and_then(moment));
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        return Err(fault("received_before", "must be later than received_after".to_owned()).into());
    }
    let filter = since.into_iter().fold(filter, EventFilter::since);
    Ok(until.into_iter().fold(filter, EventFilter::until))
}
