//! `weifen inbox stats`: counts the inbox's rows.

use weifen::Config;
use weifen::inbox::{Stats, Status};

use super::opened;
use crate::failure::Failure;
use crate::output::{Report, pairs};
use crate::times::span;

const STATES: [Status; 4] = [Status::Pending, Status::Held, Status::Delivered, Status::Dead];

pub(super) async fn run(config: &Config) -> Result<Report, Failure> {
    let mut stats = opened::existing(config, async |inbox| Ok(inbox.stats().await?)).await?;
    for state in STATES {
        stats.events.entry(state.as_str().to_owned()).or_default();
    }
    let people = facts(&stats);
    Report::of("stats", &stats, people)
}

fn facts(stats: &Stats) -> String {
    let events = STATES.iter().map(|state| (state.as_str(), stats.events[state.as_str()].to_string()));
    let oldest = match stats.events[Status::Pending.as_str()] {
        0 => "none".to_owned(),
        _ => format!("for {}", span(stats.oldest_pending_s)),
    };
    pairs(events.chain([
        ("oldest pending", oldest),
        ("duplicates", stats.duplicates.to_string()),
        ("quarantined", stats.quarantined.to_string()),
        ("open bookings", stats.open_bookings.to_string()),
        ("misdated", stats.misdated.to_string()),
        ("deliveries", if stats.deliveries_paused { "paused" } else { "not paused" }.to_owned()),
    ]))
}
