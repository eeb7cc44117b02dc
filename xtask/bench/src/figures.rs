//! Turns of each server by round, and their ratios to the first one's.

use std::fmt;

use crate::crowd::Turn;
use crate::sorted::Sorted;

pub(crate) struct Figures {
    names: Vec<&'static str>,
    rounds: Vec<Vec<Turn>>,
}

impl Figures {
    pub(crate) fn new(names: Vec<&'static str>) -> Self {
        Self { names, rounds: Vec::new() }
    }

    pub(crate) fn push(&mut self, round: Vec<Turn>) {
        self.rounds.push(round);
    }

    fn sorted(&self, figure: impl Fn(&[Turn]) -> f64) -> Sorted {
        Sorted::new(self.rounds.iter().map(|round| figure(round)))
    }

    /// Each server's rate, relative to the first one's: the medians of the rounds.
    pub(crate) fn ratios(&self) -> impl Iterator<Item = f64> {
        (0..self.names.len()).map(|server| self.sorted_ratios(server).median())
    }

    fn sorted_ratios(&self, server: usize) -> Sorted {
        self.sorted(|round| round[server].per_second / round[0].per_second)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:38}{:>9}{:>9}{:>8}{:>8}{:>8}", "", "per s", "p99 ms", "ratio", "min", "max")?;
        for (server, name) in self.names.iter().enumerate() {
            let rate = self.sorted(|round| round[server].per_second).median();
            let p99 = self.sorted(|round| round[server].p99.as_secs_f64() * 1e3).median();
            let ratios = self.sorted_ratios(server);
            let (min, median, max) = (ratios.min(), ratios.median(), ratios.max());
            write!(f, "\n{name:38}{rate:>9.0}{p99:>9.1}{median:>8.2}{min:>8.2}{max:>8.2}")?;
        }
        Ok(())
    }
}
