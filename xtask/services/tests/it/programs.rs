//! Programs in place of real ones, and runs of single tests of this program that use them.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder of shell scripts, which any user can run.
pub(crate) struct Programs {
    folder: TempDir,
}

impl Programs {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Adds a program, and returns its path.
    pub(crate) fn add(&self, name: &str, script: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

/// Runs one test of this program in a process of its own, with this environment variable.
pub(crate) fn run_test(name: &str, variable: &str, value: impl AsRef<OsStr>) -> Output {
    Command::new(env::current_exe().unwrap()).args(["--exact", name]).env(variable, value).output().unwrap()
}

/// Returns the output of a test that must fail in this environment.
pub(crate) fn words_of_a_failing_test(name: &str, variable: &str, value: impl AsRef<OsStr>) -> String {
    let output = run_test(name, variable, value);
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}
