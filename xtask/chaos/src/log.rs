//! The sandbox's log as far as a run asks for it: what became of each marker.

use std::collections::{BTreeMap, HashMap};

use weifen_sandbox::{LogEntry, Sandbox};
use xtask_specimens::SPECIMENS;

/// The words with which 微厅 rejects a token: whatever was asked was not looked at, and is asked again with another.
const TOKEN_REJECTED: &str = "access_token校验异常";

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The operation was done.
    Done,
    /// It was refused.
    Refused,
    /// Its token was rejected.
    TokenRejected,
    /// A fault came before it.
    Prevented,
}

impl From<&LogEntry> for Seen {
    fn from(entry: &LogEntry) -> Self {
        if entry.done {
            Self::Done
        } else if entry.answer.is_null() {
            Self::Prevented
        } else if entry.answer["errMsg"] == TOKEN_REJECTED {
            Self::TokenRejected
        } else {
            Self::Refused
        }
    }
}

#[derive(Default)]
pub(crate) struct Log {
    last: u64,
    by_marker: HashMap<String, Vec<Seen>>,
    faults: BTreeMap<String, u64>,
}

impl Log {
    pub(crate) fn read(&mut self, sandbox: &Sandbox) {
        for entry in sandbox.log_after(self.last) {
            self.last = entry.number;
            if let Some(fault) = &entry.fault {
                *self.faults.entry(fault.clone()).or_default() += 1;
            }
            if let Some(marker) = marker(&entry) {
                self.by_marker.entry(marker).or_default().push(Seen::from(&entry));
            }
        }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.last
    }

    pub(crate) fn faults(&self) -> &BTreeMap<String, u64> {
        &self.faults
    }

    pub(crate) fn of(&self, marker: &str) -> &[Seen] {
        self.by_marker.get(marker).map(Vec::as_slice).unwrap_or_default()
    }
}

fn marker(entry: &LogEntry) -> Option<String> {
    let specimen = SPECIMENS.iter().find(|specimen| Some(specimen.name()) == entry.operation)?;
    Some(entry.parameters.get(specimen.marker?)?.as_str()?.to_owned())
}
