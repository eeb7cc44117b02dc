//! The report of all finds, and the exit code.

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::scanner::Hit;

/// Number of finds shown per channel.
const SHOWN: usize = 40;

/// Result of reading a channel.
pub(crate) struct Reading {
    pub(crate) channel: &'static str,
    pub(crate) bytes: usize,
    /// Origin and content of each find.
    pub(crate) hits: Vec<(String, Hit)>,
}

impl Reading {
    pub(crate) fn is_clean(&self) -> bool {
        self.hits.is_empty()
    }
}

/// Prints a line per channel, the finds and the verdict; `found` is true for each channel whose planted leak was
/// found.
pub(crate) fn print(readings: &[Reading], found: Option<&[bool]>) -> ExitCode {
    for (at, Reading { channel, bytes, hits }) in readings.iter().enumerate() {
        let planted = found.map_or("not planted", |found| if found[at] { "found" } else { "NOT FOUND" });
        println!("{channel:<14} {:>3} hits in {:>7} KiB; planted leak: {planted}", hits.len(), bytes.div_ceil(1024));
        // One find per secret and place is enough.
        let mut shown = BTreeSet::new();
        let first = hits.iter().filter(|(from, hit)| shown.insert((from, hit.secret, hit.form)));
        for (from, hit) in first.take(SHOWN) {
            println!("{channel}: {} ({}) in {from}, at byte {}: {}", hit.secret, hit.form, hit.offset, hit.around);
        }
    }
    let leaky: Vec<_> = readings.iter().filter(|one| !one.is_clean()).map(|one| one.channel).collect();
    if !leaky.is_empty() {
        println!("leaks in: {}", leaky.join(", "));
        return ExitCode::FAILURE;
    }
    if !found.is_some_and(|found| found.iter().all(|found| *found)) {
        println!("a planted leak was not found: what was read above proves nothing");
        return ExitCode::FAILURE;
    }
    println!("reliability[leaks] 0 hits in {} channels; a planted leak is found in each", readings.len());
    ExitCode::SUCCESS
}
