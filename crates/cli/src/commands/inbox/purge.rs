//! `weifen inbox purge`: erases personal data for good.

use weifen::Config;

use super::opened;
use crate::arguments::PurgeArguments;
use crate::duration_argument::duration;
use crate::failure::Failure;
use crate::output::{Report, pairs};

pub(super) async fn run(arguments: &PurgeArguments, config: &Config) -> Result<Report, Failure> {
    let age = duration("--older-than", &arguments.older_than)?;
    let purged = opened::existing(config, async |inbox| Ok(inbox.purge(age).await?)).await?;
    let erased = pairs([
        ("pushes of events", purged.events.to_string()),
        ("bodies in quarantine", purged.quarantined.to_string()),
        ("ended bookings", purged.bookings.to_string()),
    ]);
    Report::of("purged", &purged, format!("Erased:\n{erased}"))
}
