//! The business in Python, as the tests see it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::client;
use super::place::DELIVER_SECRET;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/serve/business.py");

pub(super) struct Business {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

/// One attempt at a delivery, as the business wrote it down before it answered.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Attempt {
    /// The webhook-id.
    pub(super) id: String,
    pub(super) body: String,
    /// A status, or `hang`.
    pub(super) answer: String,
}

impl Attempt {
    pub(super) fn data(&self) -> Value {
        serde_json::from_str::<Value>(&self.body).unwrap()["data"].clone()
    }

    pub(super) fn user(&self) -> String {
        self.data()["auth_open_id"].as_str().unwrap().to_owned()
    }
}

impl Business {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("python3");
        command.arg(SCRIPT).arg(folder.path().join("record")).env("DELIVER_SECRET", DELIVER_SECRET);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap_or_else(|error| {
            panic!("these tests need python3 in PATH (apt's package: python3), for the business that gets deliveries: {error}")
        });
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let port: u16 = port.trim().parse().unwrap_or_else(|_| panic!("business.py said no port, but {port:?}"));
        Self { child, address: ([127, 0, 0, 1], port).into(), folder }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/follows", self.address)
    }

    /// Changes how it answers from now on; whoever hangs is answered.
    pub(super) fn plan(&self, plan: &Value) {
        let answer = client::post(self.address, "/plan", &plan.to_string());
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// All attempts until now, in their order; none had a wrong signature.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        let record = std::fs::read_to_string(self.folder.path().join("record")).unwrap();
        // The last line may be just being written.
        let lines = record.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let attempts: Vec<Attempt> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(attempts.iter().all(|attempt| attempt.answer != "401"), "a signature was wrong");
        attempts
    }

    /// The attempts that it took.
    pub(super) fn taken(&self) -> Vec<Attempt> {
        self.attempts().into_iter().filter(|attempt| attempt.answer == "200").collect()
    }
}

impl Drop for Business {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
