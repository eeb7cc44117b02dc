//! The report of all finds, and the exit code.

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::scanner::Hit;

/// Number of finds shown per channel.
const SHOWN: usize = 40;

/// Result of reading a channel.
pub(crate) struct Reading {
    pub(crate) channel: &'static str,
    pub(crate) driven: &'static str,
    pub(crate) pieces: usize,
    pub(crate) bytes: usize,
    pub(crate) seconds: f64,
    /// Origin and content of each find.
    pub(crate) hits: Vec<(String, Hit)>,
}

impl Reading {
    pub(crate) fn is_clean(&self) -> bool {
        self.hits.is_empty()
    }
}

/// Prints the table, the finds and the verdict; `found` is true for each channel whose planted leak was found.
pub(crate) fn print(readings: &[Reading], found: Option<&[bool]>) -> ExitCode {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["channel", "driven", "pieces", "KiB read", "seconds", "hits", "planted leak"]);
    for (at, reading) in readings.iter().enumerate() {
        let planted = found.map_or("-", |found| if found[at] { "found" } else { "NOT FOUND" });
        let counts = [reading.pieces, reading.bytes.div_ceil(1024), reading.hits.len()];
        let [pieces, kib, hits] = counts.map(|count| count.to_string());
        let seconds = format!("{:.1}", reading.seconds);
        table.add_row([reading.channel, reading.driven, &pieces, &kib, &seconds, &hits, planted]);
    }
    println!("{table}");
    for reading in readings {
        // One find per secret and place is enough.
        let mut shown = BTreeSet::new();
        let first = reading.hits.iter().filter(|(from, hit)| shown.insert((from, hit.secret, hit.form)));
        for (from, hit) in first.take(SHOWN) {
            println!(
                "{}: {} ({}) in {from}, at byte {}: {}",
                reading.channel, hit.secret, hit.form, hit.offset, hit.around
            );
        }
    }
    let leaky: Vec<&str> =
        readings.iter().filter(|reading| !reading.is_clean()).map(|reading| reading.channel).collect();
    if !leaky.is_empty() {
        println!("leaks in: {}", leaky.join(", "));
        return ExitCode::FAILURE;
    }
    match found {
        Some(found) if found.iter().all(|found| *found) => {
            println!("reliability[leaks] 0 hits in {} channels; a planted leak is found in each", readings.len());
            ExitCode::SUCCESS
        }
        _ => {
            println!("a planted leak was not found: what was read above proves nothing");
            ExitCode::FAILURE
        }
    }
}
