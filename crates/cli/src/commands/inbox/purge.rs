//! `weifen inbox purge`: erases personal data for good.

use serde::Serialize;
use weifen::Config;
use weifen::journal::Journal;

use super::opened;
use crate::arguments::PurgeArguments;
use crate::duration_argument::duration;
use crate::failure::Failure;
use crate::output::{Report, pairs};

/// Numbers of rows that were erased.
#[derive(Serialize)]
struct Purged {
    #[serde(flatten)]
    inbox: weifen::inbox::Purged,
    /// Calls of the API whose key and answer were erased.
    calls: u64,
}

pub(super) async fn run(arguments: &PurgeArguments, config: &Config) -> Result<Report, Failure> {
    let age = duration("--older-than", &arguments.older_than)?;
    let purged = opened::existing(config, async |inbox| {
        // Before the inbox, which empties the log at last.
        let calls = Journal::purge(inbox.pool(), age).await?;
        Ok(Purged { inbox: inbox.purge(age).await?, calls })
    })
    .await?;
    let inbox = &purged.inbox;
    let erased = pairs([
        ("pushes of events", inbox.events.to_string()),
        ("bodies in quarantine", inbox.quarantined.to_string()),
        ("ended bookings", inbox.bookings.to_string()),
        ("answers to calls", purged.calls.to_string()),
    ]);
    Report::of("purged", &purged, format!("Erased:\n{erased}"))
}
