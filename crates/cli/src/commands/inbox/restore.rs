//! `weifen inbox restore`: replaces the inbox by a backup, and sets the old one aside.

use weifen::Config;
use weifen::inbox::Restored;

use crate::arguments::RestoreArguments;
use crate::failure::Failure;
use crate::output::{Report, pairs};

pub(super) async fn run(arguments: &RestoreArguments, config: &Config) -> Result<Report, Failure> {
    let restored = Restored::from_backup(&config.inbox_database(), &arguments.from).await?;
    let people = facts(&restored);
    Report::of("restored", &restored, people)
}

fn facts(restored: &Restored) -> String {
    let mut rows = vec![("events", restored.events.to_string())];
    rows.extend(restored.set_aside.iter().map(|path| ("set aside", path.display().to_string())));
    match restored.since {
        Some(since) => {
            rows.push(("newer events set aside", since.newer_events.to_string()));
            rows.push(("to be delivered again", since.delivered_events.to_string()));
        }
        None if restored.set_aside.is_empty() => {}
        None => {
            rows.push(("newer events set aside", "unknown: the file that was set aside cannot be read".to_owned()));
        }
    }
    pairs(rows)
}
