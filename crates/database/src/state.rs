//! The note beside a SQLite file, `FILE.state`: which database it is, and the file's mark after the last checkpoint.
//!
//! In WAL mode a file changes by checkpoints alone, and each of ours is noted. A log may be replayed only into the
//! file that it was written for: a file that differs from the note, with a log beside it, was restored or replaced.
//! The note is also the lock under which a file is opened, closed and checkpointed.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::mark::{Mark, Node, Opened};
use super::regular_file;

/// Suffix of its name.
pub(crate) const ENDING: &str = ".state";
/// Timeout for the note's lock, which another process holds during a checkpoint.
const PATIENCE: Duration = Duration::from_secs(5);
const BETWEEN_TRIES: Duration = Duration::from_millis(2);
/// Size of a note in bytes. It is fixed, so that a full disk can still overwrite it.
const LENGTH: usize = 1024;

/// The note of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// Identity of the database; `None` until its tables are there.
    pub identity: Option<String>,
    /// Mark of the file after the last checkpoint.
    pub main: Option<Mark>,
    /// The log that has been written since.
    pub log: Option<Node>,
    /// Progress of the last checkpoint.
    pub progress: Progress,
    /// True from before a checkpoint until its result is noted.
    pub is_changing: bool,
    /// Time of the last backup that we made, in seconds since 1970.
    pub backed_up_at: Option<i64>,
}

/// Progress of a checkpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The salt in the log's header, which changes each time that the log is begun anew.
    pub log: Option<u64>,
    /// Number of the log's pages that are in the file, as SQLite counts them.
    pub pages: i64,
}

/// Relation of a file to the log beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// There is no log, or it is this file's.
    Own,
    /// The note can't tell: an integrity check of both together has to.
    Unknown,
    /// The file is another one than the log was written for.
    Other,
}

impl Note {
    /// Reads the note without its lock; `None` where there is none, or it is just being written.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        match File::open(path) {
            Ok(mut file) => read(&mut file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes the files that are there now.
    pub fn see(&mut self, now: &Opened) {
        (self.main, self.log) = (Some(now.main), now.log.map(|log| log.node));
    }

    /// Judges whether the log belongs to the file.
    pub fn judge(&self, now: &Opened) -> Match {
        let Some(log) = &now.log else { return Match::Own };
        let Some(main) = &self.main else { return if log.is_empty() { Match::Own } else { Match::Unknown } };
        let is_same_file = main.node == now.main.node;
        // A folder that was copied or moved to another disk has another log node as well.
        let came_with_its_log = !is_same_file && self.log.is_some_and(|noted| noted != log.node);
        match main.has_bytes_of(&now.main) {
            true if is_same_file || came_with_its_log => Match::Own,
            false if (is_same_file && self.is_changing) || came_with_its_log => Match::Unknown,
            // Its first opening never finished.
            _ if self.identity.is_none() => Match::Unknown,
            _ => Match::Other,
        }
    }
}

/// A note under its lock, which is released on drop.
#[derive(Debug)]
pub struct State {
    file: File,
    pub note: Note,
}

impl State {
    /// Takes the lock, and makes the note where there is none.
    pub async fn lock(database: &Path, path: &Path) -> io::Result<Self> {
        let file = regular_file::open_beside(database, path)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Self::of(file),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(BETWEEN_TRIES).await,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The same without waiting.
    pub fn lock_now(database: &Path, path: &Path) -> io::Result<Self> {
        let file = regular_file::open_beside(database, path)?;
        file.try_lock()?;
        Self::of(file)
    }

    fn of(mut file: File) -> io::Result<Self> {
        let note = read(&mut file)?.unwrap_or_default();
        Ok(Self { file, note })
    }

    /// Changes the note. It is on the disk when this returns.
    pub fn write(&mut self, change: impl FnOnce(&mut Note)) -> io::Result<()> {
        if self.write_soon(change)? { self.file.sync_data() } else { Ok(()) }
    }

    /// Changes the note for all readers; it reaches the disk later. Returns true if anything changed.
    pub fn write_soon(&mut self, change: impl FnOnce(&mut Note)) -> io::Result<bool> {
        let mut note = self.note.clone();
        change(&mut note);
        if note == self.note {
            return Ok(false);
        }
        let mut text = serde_json::to_vec(&note)?;
        text.resize(LENGTH.max(text.len()), b'\n');
        self.file.rewind()?;
        self.file.write_all(&text)?;
        self.note = note;
        Ok(true)
    }
}

/// Reads a note; `None` for anything else, such as a note that a crash has cut.
fn read(file: &mut File) -> io::Result<Option<Note>> {
    let mut text = Vec::new();
    file.rewind()?;
    file.take(8 * LENGTH as u64).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text).ok())
}
