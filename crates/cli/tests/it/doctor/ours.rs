//! Our own server, beside which a doctor looks.

use serde_json::Value;
use xtask_services::signal::Signal;

use super::clinic::{Clinic, PUSH_SECRET};
use crate::serve::client::post;
use crate::support::{Ended, Program, Running};

/// A server that uses a clinic's inbox, and what it said when it was ready.
pub(super) struct Ours {
    server: Running,
    ready: Value,
}

impl Ours {
    pub(super) fn start(clinic: &Clinic) -> Self {
        let program = clinic
            .with(Program::new(&["serve", "--json"]))
            .env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid")
            .env("WEIFEN_FENSI_KEY", "fs-key")
            .env("WEIFEN_SERVE_PUSH_SECRET_FILE", &clinic.file("push-secret", PUSH_SECRET))
            .env("WEIFEN_SERVE_QUARANTINE_MIB", "1");
        let mut server = program.start();
        let ready = serde_json::from_str(&server.line()).unwrap();
        Self { server, ready }
    }

    pub(super) fn address(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap()
    }

    pub(super) fn id(&self) -> u32 {
        self.server.id()
    }

    /// Has it take a push.
    pub(super) fn push(&self, body: &str) {
        let address = self.address("listen").parse().unwrap();
        assert_eq!(post(address, &format!("/push/{PUSH_SECRET}"), body).status, 200);
    }

    pub(super) fn end(self, signal: Signal) -> Ended {
        self.server.end(signal)
    }
}
