//! A `weifen serve` that runs beside the test, and ends with it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use xtask_services::signal::{self, Signal};

use super::client::{self, Answer};
use super::setup::PUSH_SECRET;
use crate::patience::{HANGS, eventually, within};

/// A server that may not be ready yet.
pub(super) struct Starting {
    child: Child,
    stdout: Receiver<String>,
    log: PathBuf,
    _folder: TempDir,
}

/// A server that is ready.
pub(super) struct Serving {
    process: Starting,
    /// Its ready line.
    pub(super) ready: Value,
    /// Its address for pushes.
    pub(super) address: SocketAddr,
    pub(super) admin: SocketAddr,
}

/// The end of a server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) code: Option<i32>,
    /// Its lines on stdout after it was ready.
    pub(super) stdout: Vec<String>,
}

/// The target of a push.
pub(super) fn target() -> String {
    format!("/push/{PUSH_SECRET}")
}

impl Starting {
    pub(super) fn new((mut child, folder): (Child, TempDir), log: PathBuf) -> Self {
        let (say, stdout) = mpsc::channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| say.send(line)));
        Self { child, stdout, log, _folder: folder }
    }

    pub(super) fn ready(self) -> Serving {
        let line = self.stdout.recv_timeout(HANGS).unwrap_or_else(|error| {
            panic!("it is not ready: {error}; its log:\n{}", std::fs::read_to_string(&self.log).unwrap_or_default())
        });
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address =
            |name: &str| ready[name].as_str().unwrap_or_else(|| panic!("no {name}: {ready}")).parse().unwrap();
        Serving { address: address("listen"), admin: address("admin_listen"), process: self, ready }
    }

    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(super) fn signal(&self, signal: Signal) {
        signal::send(self.child.id(), signal).unwrap();
    }

    /// Waits for its end, for `limit` at most.
    pub(super) fn ended(mut self, limit: Duration) -> End {
        let status = within(limit, "it has ended", || self.child.try_wait().unwrap());
        End { code: status.code(), stdout: self.stdout.iter().collect() }
    }
}

impl Serving {
    pub(super) fn id(&self) -> u32 {
        self.process.child.id()
    }

    /// Pushes this body to the right address.
    pub(super) fn push(&self, body: &str) -> Answer {
        client::post(self.address, &target(), body)
    }

    pub(super) fn ask(&self, target: &str) -> Answer {
        client::get(self.admin, target)
    }

    /// Value of its metric of this name.
    pub(super) fn metric(&self, name: &str) -> u64 {
        let text = self.ask("/metrics").body;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name}: {text}")).parse().unwrap()
    }

    /// Waits until it reports that it can store: the check writes to a disk that may be slow once.
    pub(super) fn is_ready(&self) {
        eventually("it is ready", || (self.ask("/readyz").status == 200).then_some(()));
    }

    /// Waits until nothing is left to deliver.
    pub(super) fn has_delivered_all(&self) {
        eventually("nothing is pending", || (self.metric("weifen_inbox_pending") == 0).then_some(()));
    }

    pub(super) fn kill(self) {
        self.process.kill();
    }

    pub(super) fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Suspends it until it gets `Signal::CONT`; when this returns, none of its threads runs.
    pub(super) fn stop(&self) {
        signal::stop(&self.process.child).unwrap();
    }

    /// Waits for its end, for `limit` at most.
    pub(super) fn ended(self, limit: Duration) -> End {
        self.process.ended(limit)
    }

    /// Sends a signal and waits for the end.
    pub(super) fn end(self, signal: Signal) -> End {
        self.signal(signal);
        self.ended(HANGS)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
