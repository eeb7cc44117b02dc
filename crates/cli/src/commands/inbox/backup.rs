//! `weifen inbox backup`: the inbox as it is at one moment, in a file of its own.

use serde::Serialize;
use weifen::Config;
use weifen::inbox::Backup;

use super::opened;
use crate::arguments::BackupArguments;
use crate::failure::Failure;
use crate::output::{Report, pairs};

#[derive(Serialize)]
struct Document {
    backup: Backup,
}

pub(super) async fn run(arguments: &BackupArguments, config: &Config) -> Result<Report, Failure> {
    let backup = opened::existing(config, async |inbox| Ok(inbox.back_up(&arguments.to).await?)).await?;
    let people = pairs([
        ("backup", backup.to.display().to_string()),
        ("bytes", backup.bytes.to_string()),
        ("events", backup.events.to_string()),
    ]);
    Report::new(&Document { backup }, people)
}
