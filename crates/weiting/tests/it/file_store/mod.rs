//! The store in a file: the files on the disk, the refused files, and processes that are stopped and killed.

mod another_process;
mod processes;
mod refusals;
mod writing;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use weifen_transport::{BaseUrl, Plaintext, StoreError};
use weifen_weiting::AccessToken;
use weifen_weiting::token::store::{Claim, ClaimOutcome, FileFault, Lease, SaveOutcome};
use weifen_weiting::token::{FileStore, Token, TokenKey, TokenStore};

const LIFE: Duration = Duration::from_secs(7200);

/// A morning in the past.
fn morning() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_153_600)
}

fn key() -> TokenKey {
    TokenKey::new("wx1", &BaseUrl::new("https://one.example", Plaintext::Refused).unwrap(), &"secret".into())
}

fn claim(now: SystemTime, replaces: u64) -> Claim {
    Claim {
        holder: "holder".to_owned(),
        now,
        life: Duration::from_secs(7200),
        lease: Duration::from_secs(1),
        daily_limit: u32::MAX,
        replaces,
    }
}

/// A token of its own for each generation, longer than a memory page or a disk block.
fn text(generation: u64) -> String {
    format!("=token-{generation}-{}", "x".repeat(10_000))
}

fn token(lease: &Lease, now: SystemTime) -> Token {
    Token::new(AccessToken::new(text(lease.generation)).unwrap(), lease.generation, now, LIFE)
}

/// Claims and saves the token after the one of generation `replaces`.
async fn write_next(store: &FileStore, now: SystemTime, replaces: u64) -> Result<u64, StoreError> {
    let lease = match store.claim(&key(), &claim(now, replaces)).await? {
        ClaimOutcome::Granted(lease) => lease,
        other => panic!("a claim was not granted: {other:?}"),
    };
    assert_eq!(store.save(&key(), &lease, &token(&lease, now)).await?, SaveOutcome::Kept);
    Ok(lease.generation)
}

/// A folder for a token file.
struct TokenFolder {
    folder: TempDir,
}

impl TokenFolder {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with a token in its file.
    async fn with_a_token() -> Self {
        let folder = Self::new();
        write_next(&folder.store(), morning(), 0).await.unwrap();
        folder
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn path(&self) -> PathBuf {
        self.beside("token.json")
    }

    fn store(&self) -> FileStore {
        FileStore::new(self.path())
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;

    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn fault(error: &StoreError) -> &FileFault {
    std::error::Error::source(error).unwrap().downcast_ref().unwrap()
}

/// An error with all its sources, as a person reads it.
fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words = format!("{words}: {error}");
        source = error.source();
    }
    words
}
