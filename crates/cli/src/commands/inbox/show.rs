//! `weifen inbox show`: prints all fields of an event.

use weifen::Config;

use super::row::Row;
use super::{event_id, opened};
use crate::arguments::EventArguments;
use crate::failure::Failure;
use crate::output::Report;

pub(super) async fn run(arguments: &EventArguments, config: &Config) -> Result<Report, Failure> {
    let id = event_id::read(&arguments.id)?;
    opened::existing(config, async |inbox| Row::try_from(event_id::event(inbox, id).await?)?.report(None)).await
}
