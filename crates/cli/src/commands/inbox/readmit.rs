//! `weifen inbox quarantine readmit`: judges quarantined requests anew, by today's configuration.

use std::collections::BTreeMap;

use serde::Serialize;
use weifen::Config;
use weifen::inbox::{QuarantineFilter, Readmitted};

use super::{event_id, opened};
use crate::arguments::ReadmitArguments;
use crate::failure::Failure;
use crate::output::{Report, pairs};
use crate::time_argument;

#[derive(Serialize)]
struct Document {
    dry_run: bool,
    matched: u64,
    /// Number of those that left the quarantine; 0 in a dry run.
    readmitted: u64,
    stored: u64,
    held: u64,
    duplicates: u64,
    dropped: u64,
    quarantined: u64,
    reasons: BTreeMap<String, u64>,
}

pub(super) async fn run(arguments: &ReadmitArguments, config: &Config) -> Result<Report, Failure> {
    let filter = filter(arguments)?;
    let rules = config.inbox_rules()?;
    let readmitted = opened::existing(config, async |inbox| {
        let intake = inbox.receiving(rules);
        let readmitted =
            if arguments.dry_run { intake.try_readmitting(filter).await? } else { intake.readmit(filter).await? };
        match filter {
            QuarantineFilter::Id(id) if readmitted.judged() == 0 => {
                Err(Failure::usage(format!("no entry has the number {id} in the quarantine of {}", inbox.database()))
                    .with_hint("`weifen inbox quarantine` shows the numbers; a readmitted entry is now an event"))
            }
            _ => Ok(readmitted),
        }
    })
    .await?;
    report(readmitted, arguments.dry_run)
}

fn filter(arguments: &ReadmitArguments) -> Result<QuarantineFilter, Failure> {
    let (since, until) = time_argument::span(arguments.since.as_deref(), arguments.until.as_deref())?;
    match (&arguments.id, since) {
        (Some(id), _) => Ok(QuarantineFilter::Id(event_id::number(id).ok_or_else(|| {
            Failure::usage("ID: expected a number, such as 7").with_hint("`weifen inbox quarantine` shows the numbers")
        })?)),
        (None, Some(since)) => Ok(QuarantineFilter::Received { since, until }),
        (None, None) => Err(Failure::usage("expected ID or --since T")),
    }
}

fn report(readmitted: Readmitted, dry_run: bool) -> Result<Report, Failure> {
    let matched = readmitted.judged();
    let Readmitted { stored, held, duplicates, dropped, quarantined: reasons, .. } = readmitted;
    let quarantined = reasons.values().sum();
    let leave = matched - quarantined;
    let title = if dry_run {
        format!("{leave} of {matched} would leave the quarantine; nothing was changed:")
    } else {
        format!("{leave} of {matched} left the quarantine:")
    };
    let counts = [
        ("to be delivered", stored),
        ("held", held),
        ("copies", duplicates),
        ("dropped", dropped),
        ("still in quarantine", quarantined),
    ];
    let mut people = format!("{title}\n{}", pairs(counts.map(|(name, count)| (name, count.to_string()))));
    if !reasons.is_empty() {
        let reasons = reasons.iter().map(|(reason, count)| (reason.as_str(), count.to_string()));
        people = format!("{people}\n\nWhy they stay:\n{}", pairs(reasons));
    }
    let readmitted = if dry_run { 0 } else { leave };
    Report::new(
        &Document { dry_run, matched, readmitted, stored, held, duplicates, dropped, quarantined, reasons },
        people,
    )
}
