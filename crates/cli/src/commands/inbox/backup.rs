//! `weifen inbox backup`: a snapshot of the inbox, in a file of its own.

use weifen::Config;

use super::opened;
use crate::arguments::BackupArguments;
use crate::failure::Failure;
use crate::output::{Report, pairs};

pub(super) async fn run(arguments: &BackupArguments, config: &Config) -> Result<Report, Failure> {
    let backup = opened::existing(config, async |inbox| Ok(inbox.back_up(&arguments.to).await?)).await?;
    let people = pairs([
        ("backup", backup.to.display().to_string()),
        ("bytes", backup.bytes.to_string()),
        ("events", backup.events.to_string()),
    ]);
    Report::of("backup", &backup, people)
}
