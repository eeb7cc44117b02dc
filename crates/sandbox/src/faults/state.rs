//! The faults that are set: whom they hit, and how often they have. A request meets one fault at most; which, is a
//! function of the seed, the list and the operation's own count of requests.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{draw::Draw, fault::Fault, mixture::mixture, subject::Subject};

/// The faults that are set.
#[derive(Default)]
pub(crate) struct Faults {
    seed: u64,
    chaos: bool,
    list: Vec<Listed>,
    /// Requests to each operation since the list was set.
    requests: BTreeMap<&'static str, u64>,
}

struct Listed {
    fault: Fault,
    happened: u64,
}

/// A fault that is due at a request.
pub(crate) struct Hit {
    entry: usize,
    pub(crate) fault: Fault,
    /// Chooses where there is a choice, such as which field to spoil.
    pub(super) choice: u64,
}

impl Faults {
    /// The documented mixture.
    pub(crate) fn chaos(seed: u64) -> Self {
        Self { chaos: true, ..Self::listed(seed, mixture()) }
    }

    /// These faults, none of which has happened.
    pub(crate) fn listed(seed: u64, faults: Vec<Fault>) -> Self {
        let list = faults.into_iter().map(|fault| Listed { fault, happened: 0 }).collect();
        Self { seed, chaos: false, list, requests: BTreeMap::new() }
    }

    /// The fault that is due at this request, if one is.
    pub(crate) fn due(&mut self, subject: &Subject) -> Option<Hit> {
        if self.list.is_empty() {
            return None;
        }
        let request = self.requests.entry(subject.name).or_default();
        *request += 1;
        let draw = Draw::new(self.seed, subject.name, *request);
        let mut reached = 0.0;
        for (entry, Listed { fault, happened }) in self.list.iter().enumerate() {
            if fault.times.is_some_and(|times| *happened >= times) || !fault.is_for(subject) {
                continue;
            }
            reached += fault.share.unwrap_or(1.0);
            if draw.fraction < reached {
                return Some(Hit { entry, fault: fault.clone(), choice: draw.choice });
            }
        }
        None
    }

    /// Counts a fault that was due and could be done.
    pub(crate) fn happened(&mut self, hit: &Hit) {
        if let Some(listed) = self.list.get_mut(hit.entry) {
            listed.happened += 1;
        }
    }

    pub(crate) fn state(&self) -> Value {
        let shown = self.list.iter().map(|Listed { fault, happened }| {
            let mut shown = json!(fault);
            shown["happened"] = json!(happened);
            shown
        });
        json!({ "seed": self.seed, "chaos": self.chaos, "list": shown.collect::<Vec<_>>() })
    }
}
