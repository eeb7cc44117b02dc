//! Calls per second of each contestant by round, and their medians and ratios.

use std::fmt;

use crate::sorted::Sorted;

/// Index of the hand-written reqwest loop, to which the others are compared.
const REQWEST: usize = 1;
const WEIFEN: usize = 2;

pub(crate) struct Figures {
    names: [&'static str; 3],
    rounds: Vec<[f64; 3]>,
}

impl Figures {
    pub(crate) fn new(names: [&'static str; 3]) -> Self {
        Self { names, rounds: Vec::new() }
    }

    pub(crate) fn push(&mut self, round: [f64; 3]) {
        self.rounds.push(round);
    }

    /// Returns weifen's share of the hand-written reqwest loop's rate: the median of the rounds.
    pub(crate) fn kept_by_weifen(&self) -> f64 {
        self.ratios(WEIFEN).median()
    }

    fn rates(&self, contestant: usize) -> Sorted {
        Sorted::new(self.rounds.iter().map(|round| round[contestant]))
    }

    fn ratios(&self, contestant: usize) -> Sorted {
        Sorted::new(self.rounds.iter().map(|round| round[contestant] / round[REQWEST]))
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reqwest = self.rates(REQWEST).median();
        write!(f, "{:30}{:>9}{:>9}{:>9}{:>9}{:>9}", "", "calls/s", "ratio", "min", "median", "max")?;
        for (contestant, name) in self.names.iter().enumerate() {
            let rate = self.rates(contestant).median();
            let ratios = self.ratios(contestant);
            let (min, median, max) = (ratios.min(), ratios.median(), ratios.max());
            write!(f, "\n{name:30}{rate:>9.0}{:>9.2}{min:>9.2}{median:>9.2}{max:>9.2}", rate / reqwest)?;
        }
        Ok(())
    }
}
