//! Each receiver's turns, round by round, and what they come to beside the bare receiver's.

use std::fmt;
use std::time::Duration;

use super::crowd::Turn;

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

    fn ratios(&self, receiver: usize) -> Vec<f64> {
        let ratio = |round: &Vec<Turn>| round[receiver].pushes_per_second / round[0].pushes_per_second;
        sorted(self.rounds.iter().map(ratio).collect())
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:38}{:>9}{:>9}{:>8}{:>8}{:>8}", "", "pushes/s", "p99 ms", "ratio", "min", "max")?;
        for (receiver, name) in self.names.iter().enumerate() {
            let rates = sorted(self.rounds.iter().map(|round| round[receiver].pushes_per_second).collect());
            let mut waits: Vec<Duration> = self.rounds.iter().map(|round| round[receiver].p99).collect();
            waits.sort_unstable();
            let p99 = waits[waits.len() / 2].as_secs_f64() * 1e3;
            let ratios = self.ratios(receiver);
            let (min, max) = (ratios[0], ratios[ratios.len() - 1]);
            write!(f, "\n{name:38}{:>9.0}{p99:>9.1}{:>8.2}{min:>8.2}{max:>8.2}", middle(&rates), middle(&ratios))?;
        }
        Ok(())
    }
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}
