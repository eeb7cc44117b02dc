//! A folder that holds everything a doctor checks, and the report of a run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ended, Program};

pub(super) const PUSH_SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
pub(super) const DELIVER_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(super) struct Clinic(TempDir);

impl Clinic {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// A file for its owner alone; its path.
    pub(super) fn file(&self, name: &str, content: &str) -> String {
        use std::os::unix::fs::PermissionsExt;

        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    /// A pipe that nobody writes to, and nobody reads; its path.
    pub(super) fn pipe(&self, name: &str) -> String {
        let path = self.path(name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    /// The inbox here, as the configuration writes it.
    pub(super) fn database(&self) -> String {
        format!("sqlite:{}", self.path("inbox.db"))
    }

    /// `program` with its token and its inbox here.
    pub(super) fn with(&self, program: Program) -> Program {
        program
            .env("XDG_STATE_HOME", &self.path("state"))
            .env("WEIFEN_SERVE_DATABASE", &self.database())
            .env("WEIFEN_SERVE_LISTEN", "127.0.0.1:0")
            .env("WEIFEN_SERVE_ADMIN_LISTEN", "127.0.0.1:0")
    }

    /// A doctor with nothing configured but that.
    pub(super) fn doctor(&self) -> Program {
        self.with(Program::new(&["doctor", "--json"]))
    }

    /// Every file here with its content, its mode and the time of its last change.
    pub(super) fn content(&self) -> BTreeMap<PathBuf, (Vec<u8>, u32, i64)> {
        let mut files = BTreeMap::new();
        collect(self.0.path(), &mut files);
        files
    }

    pub(super) fn names(&self) -> Vec<PathBuf> {
        self.content().into_keys().collect()
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, (Vec<u8>, u32, i64)>) {
    use std::os::unix::fs::MetadataExt;

    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let content = if metadata.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        files.insert(path.clone(), (content, metadata.mode(), metadata.mtime()));
        if metadata.is_dir() {
            collect(&path, files);
        }
    }
}

/// The report of a doctor.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) ended: Ended,
    document: Value,
}

impl Report {
    /// Runs with `--json`; document and exit code have to agree.
    pub(super) fn of(program: Program) -> Self {
        let ended = program.run();
        let document = ended.json();
        let has_problem = document["checks"].as_array().unwrap().iter().any(|check| check["state"] == "problem");
        assert_eq!(document["ok"], !has_problem);
        assert_eq!(ended.code, if has_problem { 3 } else { 0 });
        Self { ended, document }
    }

    pub(super) fn checks(&self) -> &Vec<Value> {
        self.document["checks"].as_array().unwrap()
    }

    /// State and finding of a line, which has advice unless its state is `ok`.
    #[track_caller]
    pub(super) fn line(&self, section: &str, name: &str) -> (&str, &str) {
        let mut lines = self.checks().iter().filter(|check| check["section"] == section && check["name"] == name);
        let line = lines.next().unwrap_or_else(|| panic!("no {section}: {name} in {:#?}", self.document));
        let state = line["state"].as_str().unwrap();
        assert_eq!(state == "ok", line["advice"].is_null(), "{line}");
        (state, line["found"].as_str().unwrap())
    }

    /// Asserts the state of a line, and a part of its finding.
    #[track_caller]
    pub(super) fn says(&self, section: &str, name: &str, state: &str, told: &str) {
        let line = self.line(section, name);
        assert!(line.0 == state && line.1.contains(told), "{section}: {name} is {line:?}");
    }

    /// Value and origin of a key.
    pub(super) fn setting(&self, key: &str) -> (&Value, &str) {
        let all = self.document["configuration"].as_array().unwrap();
        let setting = all.iter().find(|setting| setting["key"] == key).unwrap();
        (&setting["value"], setting["source"].as_str().unwrap())
    }
}
