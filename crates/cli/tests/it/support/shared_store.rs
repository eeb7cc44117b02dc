//! A token file that several runs share, in a folder of its own.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use super::Program;

pub(crate) struct SharedStore(TempDir);

impl SharedStore {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("token.json")
    }

    /// Its URL, for the configuration.
    pub(crate) fn name(&self) -> String {
        format!("file:{}", self.path().display())
    }

    /// Makes `program` keep its token here.
    pub(crate) fn under(&self, program: Program) -> Program {
        program.env("WEIFEN_WEITING_TOKEN_STORE", &self.name())
    }

    /// The file's content, which is always a whole document; null where there is no file.
    pub(crate) fn content(&self) -> Value {
        match std::fs::read_to_string(self.path()) {
            Ok(text) => serde_json::from_str(&text).unwrap(),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
                Value::Null
            }
        }
    }
}
