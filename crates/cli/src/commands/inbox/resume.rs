//! `weifen inbox resume`: resumes deliveries after their receiver asked to stop.

use weifen::Config;

use super::opened;
use crate::failure::Failure;
use crate::output::Report;

pub(super) async fn run(config: &Config) -> Result<Report, Failure> {
    let resumed = opened::existing(config, async |inbox| Ok(inbox.resume_deliveries().await?)).await?;
    let people = if resumed {
        "Deliveries are resumed, at every server of this inbox, within a second."
    } else {
        "Deliveries were not paused."
    };
    Report::of("resumed", &resumed, people)
}
