//! Paths of a SQLite database's files, and checks of them: fit for a database, private, on a local disk.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{AnyConnection, Connection};
use tokio::time::{Instant, sleep, timeout};

use super::displaced::Displaced;
use super::url;
use crate::address::real_path;
use crate::fault::is_damage;
use crate::identity::{identity, sound_identity};
use crate::mark::{Opened, mark};
use crate::network_file_system::refuse_network;
use crate::state::{self, Match, Note, State};
use crate::{LONGEST, OpenError, regular_file};

/// Time for which files that contradict their note are checked again. A program that closes its own connection
/// checkpoints the log and then removes it: in between the log looks like another file's.
const SETTLING: Duration = Duration::from_secs(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Paths of a file and of those beside it: SQLite's log with its index, and the note.
#[derive(Debug)]
pub struct Paths {
    pub(super) main: PathBuf,
    pub(super) log: PathBuf,
    index: PathBuf,
    pub(super) state: PathBuf,
}

impl Paths {
    /// Makes the file if there is none and `may_be_made`, readable by its owner alone.
    pub fn prepare(path: &Path, may_be_made: bool) -> Result<Self, OpenError> {
        let paths = match Self::at(path) {
            Err(OpenError::NoFolder { path, .. }) if !may_be_made => return Err(OpenError::NoSuchFile(path)),
            paths => paths?,
        };
        let fault = |source| OpenError::at(path, source);
        if !paths.main.try_exists().map_err(fault)? {
            if Note::read(&paths.state).is_ok_and(|note| note.is_some_and(|note| note.identity.is_some())) {
                return Err(paths.lost("the file does not exist"));
            }
            if !may_be_made {
                return Err(OpenError::NoSuchFile(paths.main));
            }
            make_private(&paths.main).map_err(fault)?;
        }
        refuse_network(&paths.main, path)?;
        Ok(paths)
    }

    /// Paths of a file that may exist or not: fit for a database, and with nothing in its way.
    pub fn at(path: &Path) -> Result<Self, OpenError> {
        let fault = |source| OpenError::at(path, source);
        let not_text = || OpenError::PathNotUtf8(path.to_owned());
        std::path::absolute(path).map_err(fault)?.to_str().ok_or_else(not_text)?;
        // SQLite keeps its log beside the real file, not beside a link to it.
        let real = real_path(path).map_err(fault)?;
        refuse_network(real.parent().unwrap_or(&real), path)?;
        let text = real.to_str().ok_or_else(not_text)?;
        let beside = |suffix: &str| PathBuf::from(format!("{text}{suffix}"));
        let [log, index, journal, state] = ["-wal", "-shm", "-journal", state::ENDING].map(beside);
        for file in [&real, &log, &index, &journal] {
            regular_file::check(file)?;
        }
        regular_file::check_unlinked(&state)?;
        Ok(Self { main: real, log, index, state })
    }

    /// Its real path.
    pub fn path(&self) -> &Path {
        &self.main
    }

    /// SQLite's files beside it, by their suffixes.
    pub fn beside(&self) -> [(&'static str, &Path); 2] {
        [("-wal", &self.log), ("-shm", &self.index)]
    }

    /// Marks of the files that are there now.
    pub fn look(&self) -> Result<Opened, Displaced> {
        Ok(Opened {
            main: mark(&self.main).ok_or(Displaced::Moved)?,
            log: mark(&self.log),
            index: mark(&self.index).map(|index| index.node),
        })
    }

    /// Judges it as [`File::examine`](super::File::examine) does, by the note alone. False where the note can't tell.
    pub async fn look_at_note(&self) -> Result<(Note, bool), OpenError> {
        let note = || Note::read(&self.state).ok().flatten().unwrap_or_default();
        let (note, _, is_own) = self.judge(&note).await?;
        Ok((note, is_own))
    }

    /// Refuses a file that was emptied or has another file's log. False where the note can't tell.
    pub(super) async fn judge(&self, note: &(dyn Fn() -> Note + Sync)) -> Result<(Note, Opened, bool), OpenError> {
        let deadline = Instant::now() + SETTLING;
        loop {
            let note = note();
            let now = self.look().map_err(|displaced| self.gone(displaced))?;
            if note.identity.is_some() && now.main.is_empty() {
                return Err(self.lost("the file is empty"));
            }
            match note.judge(&now) {
                Match::Other if Instant::now() < deadline => sleep(BETWEEN_LOOKS).await,
                Match::Other => return Err(self.other_log()),
                judged => return Ok((note, now, judged == Match::Own)),
            }
        }
    }

    /// Returns true where the file and its log contradict each other; false also where the check timed out.
    pub async fn is_seen_unsound(&self) -> bool {
        let check = async {
            let mut connection = AnyConnection::connect(&self.url_to_look()).await?;
            let found = sound_identity(&mut connection).await;
            connection.close().await?;
            found
        };
        match timeout(LONGEST / 2, check).await {
            Ok(Ok(found)) => found.is_none(),
            Ok(Err(error)) => is_damage(&error),
            Err(_) => false,
        }
    }

    /// Takes the lock under which any process opens, closes and checkpoints it.
    pub async fn lock(&self) -> io::Result<State> {
        State::lock(&self.main, &self.state).await
    }

    /// The same without waiting.
    pub(super) fn lock_now(&self) -> io::Result<State> {
        State::lock_now(&self.main, &self.state)
    }

    /// The URL for SQLite to open it. It never makes the file: a database that vanished is not an empty one.
    pub fn url(&self) -> String {
        url::url(&self.main, "mode=rw")
    }

    /// The URL to read it with its log, which stays as it is: closing a read-only connection makes no checkpoint.
    pub fn url_to_read(&self) -> String {
        if self.log.exists() { url::url(&self.main, "mode=ro") } else { url::alone(&self.main) }
    }

    /// The URL for a look that makes, changes and locks nothing on the disk.
    ///
    /// Beside a server, or after a crash, the log is read through its index, which is not written then. Otherwise the
    /// file is read by itself.
    pub fn url_to_look(&self) -> String {
        let has_log = fs::metadata(&self.log).is_ok_and(|log| log.len() > 0) && self.index.exists();
        if has_log { url::beside_others(&self.main) } else { url::alone(&self.main) }
    }

    /// The journal mode in the file's header: `wal`, or `rollback` for all others.
    pub fn journal_mode(&self) -> io::Result<&'static str> {
        const VERSIONS: std::ops::Range<usize> = 18..20;
        let mut head = [0; VERSIONS.end];
        match fs::File::open(&self.main)?.read_exact(&mut head) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => {}
        }
        Ok(if head[VERSIONS] == [2, 2] { "wal" } else { "rollback" })
    }

    /// The salt in the log's header, which SQLite changes each time that it begins the log anew.
    pub(super) fn log_number(&self) -> Option<u64> {
        let mut head = [0; 24];
        fs::File::open(&self.log).ok()?.read_exact(&mut head).ok()?;
        let [.., number] = head.as_chunks::<8>().0 else { return None };
        Some(u64::from_be_bytes(*number))
    }

    /// The identity of the file together with its log, if both are sound. Nothing is written to either.
    pub(super) async fn identity_if_sound(&self) -> Result<Option<Option<String>>, sqlx::Error> {
        tracing::warn!(file = %self.main.display(), "the log (-wal) may belong to another file: weifen checks both");
        let mut connection = AnyConnection::connect(&self.url_to_read()).await?;
        let found = sound_identity(&mut connection).await;
        connection.close().await?;
        match found {
            Err(error) if is_damage(&error) => Ok(None),
            found => found,
        }
    }

    /// The identity of the file by itself. Nothing else is opened, locked or written.
    pub(super) async fn identity_without_log(&self) -> Result<Option<String>, sqlx::Error> {
        let mut connection = AnyConnection::connect(&url::alone(&self.main)).await?;
        let identity = identity(&mut connection).await;
        connection.close().await?;
        identity
    }

    pub(super) fn gone(&self, displaced: Displaced) -> OpenError {
        OpenError::at(&self.main, io::Error::new(io::ErrorKind::NotFound, displaced))
    }

    pub(super) fn name(&self) -> String {
        format!("sqlite:{}", self.main.display())
    }

    /// Returns the error of a log that was written for another file.
    pub fn other_log(&self) -> OpenError {
        OpenError::OtherLog { path: self.main.clone(), log: self.log.clone(), state: self.state.clone() }
    }

    pub(super) fn lost(&self, found: &'static str) -> OpenError {
        OpenError::Lost { path: self.main.clone(), found, state: self.state.clone() }
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // Another process made it first.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}
