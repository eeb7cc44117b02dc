//! `weifen inbox release`: a person's word that held events are to be delivered.

use serde::Serialize;
use weifen::Config;
use weifen::inbox::{EventFilter, Status};

use super::bulk::{self, Choice};
use super::{event_id, opened, waiting};
use crate::arguments::ReleaseArguments;
use crate::failure::Failure;
use crate::output::Report;

const HINT: &str = "give an event's number, or --since, --until, --device or --reason; there is no --all, as forgeries \
                    are held too";

#[derive(Serialize)]
struct Document {
    matched: u64,
    released: u64,
}

pub(super) async fn run(arguments: &ReleaseArguments, config: &Config) -> Result<Report, Failure> {
    let ReleaseArguments { id, filter, reason } = arguments;
    match (bulk::choice(id.as_deref(), filter, reason.is_some(), HINT)?, *reason) {
        (Choice::One(id), _) => one(id, config).await,
        (Choice::Many(chosen), Some(reason)) => many(&chosen.hold_reason(reason), filter.dry_run, config).await,
        (Choice::Many(chosen), None) => many(&chosen, filter.dry_run, config).await,
    }
}

async fn one(id: i64, config: &Config) -> Result<Report, Failure> {
    opened::existing(config, async |inbox| {
        let is_due = inbox.release(id).await?;
        waiting::report(event_id::event(inbox, id).await?, Status::Held, is_due)
    })
    .await
}

async fn many(filter: &EventFilter, dry_run: bool, config: &Config) -> Result<Report, Failure> {
    opened::existing(config, async |inbox| {
        let matched = inbox.count_matching(Status::Held, filter).await?;
        let released = if dry_run { None } else { Some(inbox.release_matching(filter).await?) };
        let document = Document { matched, released: released.unwrap_or_default() };
        bulk::report(&document, matched, "held", released)
    })
    .await
}
