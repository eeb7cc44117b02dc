//! A temporary folder with an inbox and a fresh push secret. It is removed with all its files.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use weifen::config::Sources;
use weifen::fensi::{NonceSource, RandomNonces};

use crate::failure::Failure;

#[derive(Debug)]
pub(crate) struct TemporaryPlace(TempDir);

impl TemporaryPlace {
    /// Makes the folder and the secret.
    ///
    /// # Errors
    /// When the temporary folder can't be created.
    pub(crate) fn make() -> Result<Self, Failure> {
        let made = tempfile::tempdir().and_then(|folder| {
            fs::write(secret_file(folder.path()), RandomNonces.nonce())?;
            Ok(Self(folder))
        });
        made.map_err(|error| Failure::file("a temporary folder", &error))
    }

    /// Makes a file that holds a fresh key for the API, and returns its path with the key.
    ///
    /// # Errors
    /// When a file can't be created in the folder for temporary files.
    pub(crate) fn api_key(&self) -> Result<(PathBuf, String), Failure> {
        let (file, key) = (self.0.path().join("api-key"), RandomNonces.nonce());
        fs::write(&file, &key).map_err(|error| Failure::file("a temporary file", &error))?;
        Ok((file, key))
    }

    /// Sets the keys that name the inbox and the secret.
    pub(crate) fn settings(&self, sources: Sources) -> Sources {
        let folder = self.0.path();
        sources
            .set("serve.database", format!("sqlite:{}", folder.join("inbox.db").display()))
            .set("serve.push_secret_file", secret_file(folder).display().to_string())
    }
}

fn secret_file(folder: &Path) -> PathBuf {
    folder.join("push-secret")
}
