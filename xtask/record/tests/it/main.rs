//! The recorder, run as a program in a project of its own.

mod check;
mod live;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A project with only the folders of both clients.
struct Project(TempDir);

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for package in ["crates/weiting", "crates/fensi"] {
            fs::create_dir_all(folder.path().join(package)).unwrap();
            fs::write(folder.path().join(package).join("Cargo.toml"), "").unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn record(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-record"));
        for variable in ["WEIFEN_RECORD_INPUTS", "WEIFEN_WEITING_SECRET", "WEIFEN_FENSI_APP_SECRET"] {
            command.env_remove(variable);
        }
        command.args(arguments).envs(environment.iter().copied()).current_dir(self.path()).output().unwrap()
    }

    /// Returns all cassettes, by path.
    fn cassettes(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for folder in ["weiting/cassettes", "weiting/cassettes/live", "fensi/cassettes", "fensi/cassettes/live"] {
            let Ok(entries) = fs::read_dir(self.path().join("crates").join(folder)) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                found.insert(format!("{folder}/{name}"), fs::read_to_string(path).unwrap());
            }
        }
        found
    }
}

/// Output of a program: stdout, then stderr.
fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
