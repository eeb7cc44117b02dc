//! `weifen inbox release`: a person's word that a held event is to be delivered.

use weifen::Config;
use weifen::inbox::Status;

use super::{event_id, opened, waiting};
use crate::arguments::EventArguments;
use crate::failure::Failure;
use crate::output::Report;

pub(super) async fn run(arguments: &EventArguments, config: &Config) -> Result<Report, Failure> {
    let id = event_id::read(&arguments.id)?;
    opened::existing(config, async |inbox| {
        let is_due = inbox.release(id).await?;
        waiting::report(event_id::event(inbox, id).await?, Status::Held, is_due)
    })
    .await
}
