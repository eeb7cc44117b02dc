//! Turns of each receiver by round, and their ratios to the bare receiver's.

use std::fmt;

use super::crowd::Turn;
use crate::sorted::Sorted;

pub(super) struct Figures {
    names: Vec<&'static str>,
    rounds: Vec<Vec<Turn>>,
}

impl Figures {
    pub(super) fn new(names: Vec<&'static str>) -> Self {
        Self { names, rounds: Vec::new() }
    }

    pub(super) fn push(&mut self, round: Vec<Turn>) {
        self.rounds.push(round);
    }

    /// Each receiver's pushes per second, relative to the bare receiver's: the medians of the rounds.
    pub(super) fn ratios(&self) -> impl Iterator<Item = f64> {
        (0..self.names.len()).map(|receiver| self.sorted_ratios(receiver).median())
    }

    fn sorted_ratios(&self, receiver: usize) -> Sorted {
        self.sorted(|round| round[receiver].pushes_per_second / round[0].pushes_per_second)
    }

    fn sorted(&self, figure: impl Fn(&[Turn]) -> f64) -> Sorted {
        Sorted::new(self.rounds.iter().map(|round| figure(round)))
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:38}{:>9}{:>9}{:>8}{:>8}{:>8}", "", "pushes/s", "p99 ms", "ratio", "min", "max")?;
        for (receiver, name) in self.names.iter().enumerate() {
            let rate = self.sorted(|round| round[receiver].pushes_per_second).median();
            let p99 = self.sorted(|round| round[receiver].p99.as_secs_f64() * 1e3).median();
            let ratios = self.sorted_ratios(receiver);
            let (min, median, max) = (ratios.min(), ratios.median(), ratios.max());
            write!(f, "\n{name:38}{rate:>9.0}{p99:>9.1}{median:>8.2}{min:>8.2}{max:>8.2}")?;
        }
        Ok(())
    }
}
