//! `weifen inbox show`: prints all fields of an event.

use weifen::Config;

use super::{event_id, opened, row};
use crate::arguments::EventArguments;
use crate::failure::Failure;
use crate::output::Report;

pub(super) async fn run(arguments: &EventArguments, config: &Config) -> Result<Report, Failure> {
    let id = event_id::read(&arguments.id)?;
    opened::existing(config, async |inbox| row::report(event_id::event(inbox, id).await?, None)).await
}
