//! `weifen inbox redrive`: a person's word that events which were given up are to be delivered all the same.

use serde::Serialize;
use weifen::Config;
use weifen::inbox::{EventFilter, Status};

use super::bulk::{self, Choice};
use super::{event_id, opened, waiting};
use crate::arguments::RedriveArguments;
use crate::failure::Failure;
use crate::output::Report;

const HINT: &str = "give an event's number, or --since, --until, --device or --all";

#[derive(Serialize)]
struct Document {
    matched: u64,
    redriven: u64,
}

pub(super) async fn run(arguments: &RedriveArguments, config: &Config) -> Result<Report, Failure> {
    match bulk::choice(arguments.id.as_deref(), &arguments.filter, arguments.all, HINT)? {
        Choice::One(id) => one(id, config).await,
        Choice::Many(filter) => many(&filter, arguments.filter.dry_run, config).await,
    }
}

async fn one(id: i64, config: &Config) -> Result<Report, Failure> {
    opened::existing(config, async |inbox| {
        let is_due = inbox.redrive(id).await?;
        waiting::report(event_id::event(inbox, id).await?, Status::Dead, is_due)
    })
    .await
}

async fn many(filter: &EventFilter, dry_run: bool, config: &Config) -> Result<Report, Failure> {
    opened::existing(config, async |inbox| {
        let matched = inbox.count_matching(Status::Dead, filter).await?;
        let redriven = if dry_run { None } else { Some(inbox.redrive_matching(filter).await?) };
        let document = Document { matched, redriven: redriven.unwrap_or_default() };
        bulk::report(&document, matched, "dead", redriven)
    })
    .await
}
