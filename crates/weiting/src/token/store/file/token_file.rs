//! The token file: its paths, its reader, and its replacement as a whole.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::document::{decode, encode};
use super::fault::FileFault;
use super::lock::Lock;
use super::opening;
use crate::token::store::shelf::Shelf;

/// Largest size of the file, in bytes: thousands of tokens.
const CAP: u64 = 1 << 20;

/// Paths of a token file and of the files beside it.
#[derive(Debug)]
pub(super) struct TokenFile {
    path: PathBuf,
    folder: PathBuf,
    /// Path of the next content. One name suffices, as only the lock's holder writes. What a killed writer left there
    /// is replaced.
    new: PathBuf,
    lock: PathBuf,
}

/// Content of the file, and its read-only mark.
#[derive(Debug)]
struct Content {
    shelf: Shelf,
    read_only: bool,
}

impl TokenFile {
    pub(super) fn of(path: &Path) -> Result<Self, FileFault> {
        let name = path.file_name().ok_or_else(|| FileFault::NoName { path: path.to_owned() })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside = |parts: [&OsStr; 3]| folder.join(parts.into_iter().collect::<OsString>());
        let nothing = OsStr::new("");
        Ok(Self {
            path: path.to_owned(),
            folder: folder.to_owned(),
            new: beside([OsStr::new("."), name, OsStr::new(".new")]),
            lock: beside([nothing, name, OsStr::new(".lock")]),
        })
    }

    /// Reads the content; an empty one where there is no file. Needs no lock: a reader always finds a whole file.
    pub(super) fn read(&self) -> Result<Shelf, FileFault> {
        self.content().map(|content| content.shelf)
    }

    /// Changes the content under the lock, after waiting for the lock for `limit` at most.
    pub(super) fn change<T>(&self, limit: Duration, change: impl FnOnce(&mut Shelf) -> T) -> Result<T, FileFault> {
        self.make_folder()?;
        let _lock = Lock::take(&self.lock, limit)?;
        let Content { shelf: before, read_only } = self.content()?;
        let mut after = before.clone();
        let outcome = change(&mut after);
        if after == before {
            return Ok(outcome);
        }
        // Renaming over a file needs no permission to write it, so its read-only mark must be checked here.
        if read_only {
            return Err(FileFault::ReadOnly { path: self.path.clone(), source: None });
        }
        self.replace(&after)?;
        Ok(outcome)
    }

    fn content(&self) -> Result<Content, FileFault> {
        let Some(file) = opening::to_read(&self.path)? else {
            return Ok(Content { shelf: Shelf::default(), read_only: false });
        };
        let failed = |error| FileFault::io(&self.path, error);
        let read_only = file.metadata().map_err(failed)?.permissions().readonly();
        let mut text = Vec::new();
        file.take(CAP + 1).read_to_end(&mut text).map_err(failed)?;
        self.check_size(&text)?;
        Ok(Content { shelf: decode(&self.path, &text)?, read_only })
    }

    fn check_size(&self, text: &[u8]) -> Result<(), FileFault> {
        if u64::try_from(text.len()).is_ok_and(|size| size <= CAP) {
            return Ok(());
        }
        Err(FileFault::TooLarge { path: self.path.clone(), cap: CAP })
    }

    fn replace(&self, next: &Shelf) -> Result<(), FileFault> {
        let text = encode(&self.path, next)?;
        self.check_size(&text)?;
        let replaced = self.write_new(&text).and_then(|()| fs::rename(&self.new, &self.path));
        replaced.map_err(|error| {
            // The file holds a token. Where it can't be removed, the next writer tries again.
            let _ = fs::remove_file(&self.new);
            FileFault::of_write(&self.path, error)
        })?;
        self.sync_folder();
        Ok(())
    }

    fn write_new(&self, text: &[u8]) -> io::Result<()> {
        match fs::remove_file(&self.new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = opening::create_new(&self.new)?;
        file.write_all(text)?;
        file.sync_all()
    }

    /// Makes the new file survive a power cut. A failure is only logged: every process sees the change already, and it
    /// can't be undone.
    fn sync_folder(&self) {
        if cfg!(unix)
            && let Err(error) = File::open(&self.folder).and_then(|folder| folder.sync_all())
        {
            tracing::warn!(%error, "a token file was replaced but could not be synced to disk: a power failure may \
                undo the change");
        }
    }

    fn make_folder(&self) -> Result<(), FileFault> {
        if self.folder.is_dir() {
            return Ok(());
        }
        let mut builder = DirBuilder::new();
        only_for_its_owner(builder.recursive(true));
        builder.create(&self.folder).map_err(|error| FileFault::of_write(&self.folder, error))
    }
}

#[cfg(unix)]
fn only_for_its_owner(builder: &mut DirBuilder) {
    use std::os::unix::fs::DirBuilderExt;

    builder.mode(0o700);
}

#[cfg(not(unix))]
fn only_for_its_owner(_: &mut DirBuilder) {}
