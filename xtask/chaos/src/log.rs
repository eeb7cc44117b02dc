//! The part of the sandbox's log that a run needs: the result of each marked request.

use std::collections::{BTreeMap, HashMap};

use weifen_sandbox::{LogEntry, Sandbox};
use xtask_specimens::SPECIMENS;

/// Message with which 微厅 rejects a token: the request was not processed, and is repeated with another token.
const TOKEN_REJECTED: &str = "access_token校验异常";

/// Result of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The operation was done.
    Done,
    /// The operation was refused.
    Refused,
    /// The token was rejected.
    TokenRejected,
    /// A fault prevented the operation.
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
