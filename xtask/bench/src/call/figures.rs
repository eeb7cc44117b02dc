//! Calls per second of each contestant by round, and their medians and ratios.

use std::fmt;

use crate::sorted::Sorted;

use super::kind::{COUNT, KINDS, Kind};

/// Rates by round, in the order of [`KINDS`].
#[derive(Default)]
pub(crate) struct Figures {
    rounds: Vec<[f64; COUNT]>,
}

impl Figures {
    pub(crate) fn push(&mut self, round: [f64; COUNT]) {
        self.rounds.push(round);
    }

    fn rates(&self, kind: Kind) -> Sorted {
        Sorted::new(self.rounds.iter().map(|round| round[kind as usize]))
    }

    /// Returns the ratios within a round of a contestant's rate to another's.
    pub(crate) fn ratios(&self, kind: Kind, to: Kind) -> Sorted {
        Sorted::new(self.rounds.iter().map(|round| round[kind as usize] / round[to as usize]))
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reqwest = self.rates(Kind::Reqwest).median();
        write!(f, "{:30}{:>9}{:>9}{:>9}{:>9}{:>9}", "", "calls/s", "ratio", "min", "median", "max")?;
        for kind in KINDS {
            let (name, rate) = (kind.name(), self.rates(kind).median());
            let ratios = self.ratios(kind, Kind::Reqwest);
            let (min, median, max) = (ratios.min(), ratios.median(), ratios.max());
            write!(f, "\n{name:30}{rate:>9.0}{:>9.2}{min:>9.2}{median:>9.2}{max:>9.2}", rate / reqwest)?;
        }
        Ok(())
    }
}
