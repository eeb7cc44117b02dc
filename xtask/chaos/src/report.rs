//! The report of a run: calls by operation and outcome, and the false reports.

use std::collections::BTreeMap;
use std::fmt;

use crate::calls::Made;
use crate::log::Log;
use crate::told::Told;
use crate::verdict::violation;

/// Maximum number of violations that are printed.
const SHOWN: usize = 20;

/// Result of a run.
#[derive(Debug)]
pub struct Report {
    seed: u64,
    requests: u64,
    faults: BTreeMap<String, u64>,
    calls: BTreeMap<&'static str, BTreeMap<Told, u64>>,
    /// Number of calls that were compared with the log.
    compared: u64,
    violations: Vec<String>,
}

impl Report {
    pub(crate) fn new(seed: u64, made: &[Made], log: &Log) -> Self {
        let (mut calls, mut compared, mut violations) = (BTreeMap::new(), 0, Vec::new());
        for Made { operation, marker, told } in made {
            let name = operation.name;
            let tally: &mut BTreeMap<_, _> = calls.entry(name).or_default();
            *tally.entry(*told).or_default() += 1;
            let Some(marker) = marker else { continue };
            compared += 1;
            let arrived = log.of(marker);
            if let Some(wrong) = violation(operation.repeat, *told, arrived) {
                violations.push(format!("{name} {marker} was reported {}: {wrong} ({arrived:?})", told.name()));
            }
        }
        Self { seed, requests: log.requests(), faults: log.faults().clone(), calls, compared, violations }
    }

    /// Number of calls that were compared with the log.
    pub fn compared(&self) -> u64 {
        self.compared
    }

    /// Number of calls with this reported outcome.
    pub fn count(&self, told: Told) -> u64 {
        self.calls.values().filter_map(|tally| tally.get(&told)).sum()
    }

    /// Number of calls of this operation with this reported outcome.
    pub fn count_of(&self, operation: &str, told: Told) -> u64 {
        self.calls.get(operation).and_then(|tally| tally.get(&told)).copied().unwrap_or_default()
    }

    /// The false reports.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<18}", "operation")?;
        for told in Told::ALL {
            write!(f, "{:>15}", told.name())?;
        }
        for operation in self.calls.keys() {
            write!(f, "\n{operation:<18}")?;
            for told in Told::ALL {
                write!(f, "{:>15}", self.count_of(operation, told))?;
            }
        }
        write!(f, "\n{:<18}", "all")?;
        for told in Told::ALL {
            write!(f, "{:>15}", self.count(told))?;
        }
        let faults: u64 = self.faults.values().sum();
        writeln!(f, "\n\nseed {}: {} requests, {faults} of them met a fault", self.seed, self.requests)?;
        let kinds: Vec<_> = self.faults.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        writeln!(f, "{}", kinds.join(", "))?;
        for violation in self.violations.iter().take(SHOWN) {
            writeln!(f, "violation: {violation}")?;
        }
        write!(f, "{} calls compared with the log, {} violations", self.compared, self.violations.len())
    }
}
