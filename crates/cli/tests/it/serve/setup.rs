//! A server's folder: its settings, its secrets' files, its inbox and its log, for one run after the other.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::business::Business;
use super::serving::{Serving, Starting};
use crate::patience::HANGS;
use crate::support::{Ended, Program};

pub(super) const PUSH_SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
pub(super) const DELIVER_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(super) struct Setup {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Setup {
    /// A setup with an inbox in a file of its own.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("inbox.db").display());
        let setup = Self { folder, settings: Vec::new() };
        let secret = setup.file("push-secret", PUSH_SECRET);
        setup.with("database", &database).with("push_secret_file", &secret)
    }

    /// A setup with the inbox in `database`.
    pub(super) fn at(database: &str) -> Self {
        Self::new().with("database", database)
    }

    /// Sets a key of `[serve]`, the last one counts.
    pub(super) fn with(self, key: &str, value: &str) -> Self {
        self.env(&format!("WEIFEN_SERVE_{}", key.to_uppercase()), value)
    }

    /// Sets a key of `[http]`.
    pub(super) fn with_http(self, key: &str, value: &str) -> Self {
        self.env(&format!("WEIFEN_HTTP_{}", key.to_uppercase()), value)
    }

    /// Sets a variable of the environment.
    pub(super) fn env(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Pays every push: no booking is needed.
    pub(super) fn paying_all(self) -> Self {
        self.with("unsolicited", "pay")
    }

    pub(super) fn delivering_to(self, business: &Business) -> Self {
        let secret = self.file("deliver-secret", DELIVER_SECRET);
        self.with("deliver_url", &business.url()).with("deliver_secret_file", &secret)
    }

    /// A file in its folder, by its name.
    pub(super) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program with these settings and all that a server needs.
    pub(super) fn program(&self, arguments: &[&str]) -> Program {
        let program = Program::new(arguments)
            .env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid")
            .env("WEIFEN_FENSI_KEY", "fs-key")
            .env("WEIFEN_SERVE_LISTEN", "127.0.0.1:0")
            .env("WEIFEN_SERVE_ADMIN_LISTEN", "127.0.0.1:0");
        self.settings.iter().fold(program, |program, (name, value)| program.env(name, value))
    }

    /// Starts a server, and waits until it is ready.
    pub(super) fn serve(&self) -> Serving {
        self.start().ready()
    }

    pub(super) fn start(&self) -> Starting {
        self.start_with(&[])
    }

    pub(super) fn start_with(&self, flags: &[&str]) -> Starting {
        self.starting(self.program(&[&["serve", "--json"], flags].concat()))
    }

    /// Starts a server from a shell that has run this, and waits until it is ready.
    pub(super) fn serve_after(&self, script: &str) -> Serving {
        self.starting(self.program(&["serve", "--json"]).after(script)).ready()
    }

    fn starting(&self, program: Program) -> Starting {
        let log = OpenOptions::new().create(true).append(true).open(self.log_file()).unwrap();
        Starting::new(program.spawn(log), self.log_file())
    }

    /// Runs the program, which has to end by itself, and soon.
    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        let errors = self.folder.path().join("errors");
        let (mut child, _folder) = self.program(arguments).spawn(fs::File::create(&errors).unwrap());
        let begun = Instant::now();
        while child.try_wait().unwrap().is_none() && begun.elapsed() < HANGS {
            sleep(Duration::from_millis(10));
        }
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: fs::read_to_string(errors).unwrap(),
        }
    }

    /// Document of `weifen inbox …` beside the server.
    pub(super) fn inbox(&self, arguments: &[&str]) -> Value {
        self.program(&[&["inbox"], arguments, &["--json"]].concat()).run().done()
    }

    /// All events.
    pub(super) fn events(&self) -> Vec<Value> {
        self.inbox(&["list"])["events"].as_array().unwrap().clone()
    }

    /// Books a push of `user`.
    pub(super) fn book(&self, user: &str) {
        self.inbox(&["book", "--auth-open-id", user, "--key", "fs-key", "--appid", "wx-account", "--ttl", "600"]);
    }

    /// All that was said on stderr since the beginning.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}
