//! `weifen inbox release` and `weifen inbox redrive`: make held or dead events due, one by its number or by a filter.

use serde_json::json;
use weifen::Config;
use weifen::inbox::{EventFilter, Inbox, Status};

use super::{event_id, opened, row};
use crate::arguments::{FilterArguments, RedriveArguments, ReleaseArguments};
use crate::failure::Failure;
use crate::output::Report;
use crate::time_argument;

/// The chosen events.
enum Chosen {
    One(i64),
    Many { filter: EventFilter, dry_run: bool },
}

/// Releases held events.
pub(super) async fn release(arguments: &ReleaseArguments, config: &Config) -> Result<Report, Failure> {
    const HINT: &str = "give an event's number, or --since, --until, --device or --reason; there is no --all, \
        because forged pushes are held too";
    let ReleaseArguments { id, filter, reason } = arguments;
    let chosen = match (chosen(id.as_deref(), filter, reason.is_some(), HINT)?, *reason) {
        (Chosen::Many { filter, dry_run }, Some(reason)) => {
            Chosen::Many { filter: filter.hold_reason(reason), dry_run }
        }
        (chosen, _) => chosen,
    };
    make_due(Status::Held, chosen, config).await
}

/// Redrives dead events.
pub(super) async fn redrive(arguments: &RedriveArguments, config: &Config) -> Result<Report, Failure> {
    const HINT: &str = "give an event's number, or --since, --until, --device or --all";
    let RedriveArguments { id, filter, all } = arguments;
    make_due(Status::Dead, chosen(id.as_deref(), filter, *all, HINT)?, config).await
}

/// Reads the choice. `is_chosen` is true where another option chooses; with no choice at all, `hint` tells the
/// options.
fn chosen(id: Option<&str>, filter: &FilterArguments, is_chosen: bool, hint: &str) -> Result<Chosen, Failure> {
    if let Some(id) = id {
        return event_id::read(id).map(Chosen::One);
    }
    let FilterArguments { since, until, device, dry_run } = filter;
    if !is_chosen && since.is_none() && until.is_none() && device.is_none() {
        return Err(Failure::usage("no event is chosen").with_hint(hint));
    }
    let (since, until) = time_argument::span(since.as_deref(), until.as_deref())?;
    let mut filter = EventFilter::new();
    if let Some(since) = since {
        filter = filter.since(since);
    }
    if let Some(until) = until {
        filter = filter.until(until);
    }
    filter = match device.as_deref() {
        Some("") => return Err(Failure::usage("--device: must not be empty")),
        Some(device) => filter.device(device),
        None => filter,
    };
    Ok(Chosen::Many { filter, dry_run: *dry_run })
}

async fn make_due(from: Status, chosen: Chosen, config: &Config) -> Result<Report, Failure> {
    opened::existing(config, async |inbox| match &chosen {
        Chosen::One(id) => one(inbox, from, *id).await,
        Chosen::Many { filter, dry_run } => many(inbox, from, filter, *dry_run).await,
    })
    .await
}

async fn one(inbox: &Inbox, from: Status, id: i64) -> Result<Report, Failure> {
    let is_due = if from == Status::Held { inbox.release(id).await? } else { inbox.redrive(id).await? };
    let event = event_id::event(inbox, id).await?;
    if is_due {
        return row::report(event, Some(&format!("Event {id} is now pending.")));
    }
    Err(Failure::usage(event.why_not(from)))
}

async fn many(inbox: &Inbox, from: Status, filter: &EventFilter, dry_run: bool) -> Result<Report, Failure> {
    let matched = inbox.count_matching(from, filter).await?;
    let changed = match (dry_run, from) {
        (true, _) => 0,
        (false, Status::Held) => inbox.release_matching(filter).await?,
        (false, _) => inbox.redrive_matching(filter).await?,
    };
    let people = if dry_run {
        format!("{matched} {from} events match; nothing was changed.")
    } else {
        format!("{changed} of {matched} {from} events are now pending.")
    };
    let name = if from == Status::Held { "released" } else { "redriven" };
    Report::new(&json!({ "matched": matched, name: changed }), people)
}
