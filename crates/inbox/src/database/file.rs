//! The file of a SQLite database: that it is private, on a local disk, still the one that was opened, and changed by
//! nothing but the checkpoints of its own log.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{AnyConnection, Connection, Executor, Row};
use tokio::time::{sleep, timeout};
use weifen_transport::StoreError;

use super::address::real_path;
use super::fault::{self, is_damage};
use super::identity::{identity, sound_identity};
use super::mark::{Mark, Node, Opened, mark};
use super::network_file_system::refuse_network;
use super::state::{self, Match, Note, Progress, State};
use super::{Dialect, OpenError, regular_file};

/// Time that closing a connection may take.
const CLOSING: Duration = Duration::from_secs(5);
/// Bytes of a log that is carried over, and the pages in it.
const LONG_LOG: u64 = 64 * 1024 * 1024;
const LONG_LOG_PAGES: i64 = 16_000;
/// Looks at a file that changed, for whether another program's checkpoint did it, and the time between them.
const CHECKPOINT_TRIES: u32 = 20;
const BETWEEN_CHECKPOINT_TRIES: Duration = Duration::from_millis(100);

/// What a path may not hold literally in SQLite's URL.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// Files that changed while connections of this process had them open, which are open still.
static KEPT_OPEN: Mutex<Vec<Node>> = Mutex::new(Vec::new());

/// A SQLite file, with the files beside it: SQLite's two, and the note.
#[derive(Debug)]
pub(crate) struct File {
    path: PathBuf,
    log: PathBuf,
    index: PathBuf,
    state: PathBuf,
    known: Mutex<Option<Known>>,
}

/// A database, as it was seen last.
#[derive(Debug, Clone)]
struct Known {
    identity: Option<String>,
    main: Mark,
    log_size: u64,
    progress: Progress,
    /// A change of the file that no checkpoint explains.
    strange: Option<Mark>,
    is_damaged: bool,
    was_opened: bool,
}

/// The file is not the one that was opened: what is written now goes nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Displaced {
    #[error(
        "the file was moved, removed or replaced while it was in use; put it back, or stop the server and restore a \
         backup with `weifen inbox restore --from FILE`"
    )]
    Moved,
    #[error(
        "another program restored or changed the file while it was in use; nothing is written to it: stop the server \
         and restore a backup with `weifen inbox restore --from FILE`"
    )]
    Changed,
}

#[derive(Debug, thiserror::Error)]
#[error("the file is damaged; stop the server and restore a backup with `weifen inbox restore --from FILE`")]
struct Damaged;

impl From<Displaced> for sqlx::Error {
    fn from(displaced: Displaced) -> Self {
        let kind = match displaced {
            // It works again once it is put back.
            Displaced::Moved => io::ErrorKind::Other,
            Displaced::Changed => io::ErrorKind::InvalidData,
        };
        Self::Io(io::Error::new(kind, displaced))
    }
}

impl File {
    /// Makes the file where there is none and that is wanted, for its owner's eyes alone.
    pub(crate) fn prepare(path: &Path, may_be_made: bool) -> Result<Self, OpenError> {
        let file = match Self::at(path) {
            Err(OpenError::NoFolder { path, .. }) if !may_be_made => return Err(OpenError::NoSuchFile(path)),
            file => file?,
        };
        let fault = |source| OpenError::at(path, source);
        if !file.path.try_exists().map_err(fault)? {
            if Note::read(&file.state).is_ok_and(|note| note.is_some_and(|note| note.identity.is_some())) {
                return Err(file.lost("it is not there"));
            }
            if !may_be_made {
                return Err(OpenError::NoSuchFile(file.path));
            }
            make_private(&file.path).map_err(fault)?;
        }
        refuse_network(&file.path, path)?;
        Ok(file)
    }

    /// The place of a file, whether there is one or not: fit for a database, and with nothing in its way.
    pub(crate) fn at(path: &Path) -> Result<Self, OpenError> {
        let fault = |source| OpenError::at(path, source);
        let not_text = || OpenError::PathNotUtf8(path.to_owned());
        std::path::absolute(path).map_err(fault)?.to_str().ok_or_else(not_text)?;
        // SQLite keeps its log beside the file itself, not beside a link to it.
        let real = real_path(path).map_err(fault)?;
        refuse_network(real.parent().unwrap_or(&real), path)?;
        let text = real.to_str().ok_or_else(not_text)?;
        let beside = |suffix: &str| PathBuf::from(format!("{text}{suffix}"));
        let [log, index, journal, state] = ["-wal", "-shm", "-journal", state::ENDING].map(beside);
        for file in [&real, &log, &index, &journal] {
            regular_file::check(file)?;
        }
        regular_file::check_unlinked(&state)?;
        Ok(Self { log, index, state, path: real, known: Mutex::default() })
    }

    /// Its real path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The files beside it that SQLite keeps, by the endings of their names.
    pub(crate) fn beside(&self) -> [(&'static str, &Path); 2] {
        [("-wal", &self.log), ("-shm", &self.index)]
    }

    /// The address under which SQLite opens it. It never makes it: a database that vanished is no empty one.
    pub(crate) fn url(&self) -> String {
        self.url_with("mode=rw")
    }

    fn url_with(&self, parameters: &str) -> String {
        url(&self.path, parameters)
    }

    /// Looks at the files that stand there now.
    pub(crate) fn look(&self) -> Result<Opened, Displaced> {
        Ok(Opened {
            main: mark(&self.path).ok_or(Displaced::Moved)?,
            log: mark(&self.log),
            index: mark(&self.index).map(|index| index.node),
        })
    }

    /// Judges, before it is opened first, whether this is the file that was here, and the log beside it its own. Nothing
    /// is written but the note.
    pub(crate) async fn examine(&self) -> Result<(), OpenError> {
        let fault = |source| OpenError::at(&self.state, source);
        let gone = |gone: Displaced| OpenError::at(&self.path, io::Error::new(io::ErrorKind::NotFound, gone));
        let mut state = self.lock().await.map_err(fault)?;
        let now = self.look().map_err(gone)?;
        if KEPT_OPEN.lock().unwrap_or_else(PoisonError::into_inner).contains(&now.main.node) {
            return Err(gone(Displaced::Changed));
        }
        let note = &state.note;
        if note.identity.is_some() && now.main.is_empty() {
            return Err(self.lost("it is empty"));
        }
        let failed = |error: sqlx::Error| StoreError::new(self.name(), fault::kind(Dialect::Sqlite, &error), error);
        let found = match note.judge(&now) {
            Match::Own if note.identity.is_none() || note.main == Some(now.main) || now.log.is_some() => None,
            Match::Own => Some(self.identity_without_log().await.map_err(failed)?),
            Match::Unknown => match self.identity_if_sound().await.map_err(failed)? {
                Some(found) => Some(found),
                None => return Err(self.other_log()),
            },
            Match::Other => return Err(self.other_log()),
        };
        match found {
            Some(found) if note.identity.is_some() && found != note.identity => {
                return Err(self.lost(if found.is_none() { "it holds no tables" } else { "it is another one" }));
            }
            _ => {}
        }
        *self.known() = Some(Known {
            identity: note.identity.clone(),
            main: now.main,
            log_size: now.log.map_or(0, |log| log.size),
            progress: note.progress,
            strange: None,
            is_damaged: false,
            was_opened: false,
        });
        // Whether it is being changed stays as it was: a connection that was dropped may not be closed yet.
        state.write(|note| note.see(&now)).map_err(fault)
    }

    /// Judges it as [`examine`](Self::examine) does, without a word to anybody.
    pub(crate) fn look_at_note(&self) -> Result<Note, OpenError> {
        let noted = Note::read(&self.state).ok().flatten();
        let note = noted.clone().unwrap_or_default();
        let now =
            self.look().map_err(|gone| OpenError::at(&self.path, io::Error::new(io::ErrorKind::NotFound, gone)))?;
        if note.identity.is_some() && now.main.is_empty() {
            return Err(self.lost("it is empty"));
        }
        match note.judge(&now) {
            // Else it was changed, and noted anew, between the two looks.
            Match::Other if Note::read(&self.state).ok().flatten() == noted => Err(self.other_log()),
            _ => Ok(note),
        }
    }

    fn name(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    fn other_log(&self) -> OpenError {
        OpenError::OtherLog { path: self.path.clone(), log: self.log.clone(), state: self.state.clone() }
    }

    fn lost(&self, found: &'static str) -> OpenError {
        OpenError::Lost { path: self.path.clone(), found, state: self.state.clone() }
    }

    /// The lock under which it is opened, closed and checkpointed, by whichever process.
    pub(crate) async fn lock(&self) -> io::Result<State> {
        State::lock(&self.path, &self.state).await
    }

    /// Admits the file to be opened, which may change it: SQLite sets its journal's mode.
    ///
    /// One that took the first one's place has to be the same database, such as its copy, and no log may lie beside it:
    /// SQLite would write that log into it. And a file that can't be written SQLite would open to read only, and make a log
    /// that nobody could write later either.
    pub(crate) async fn admit(&self, state: &mut State) -> Result<Opened, sqlx::Error> {
        let mut now = self.look()?;
        #[cfg(unix)]
        rustix::fs::access(&self.path, rustix::fs::Access::WRITE_OK).map_err(io::Error::from)?;
        let Some(known) = self.known().clone() else { return Err(Displaced::Moved.into()) };
        // Another program that closes it just now carries its log over, and then removes it.
        for _ in 0..CHECKPOINT_TRIES {
            let is_closing = !known.was_opened && known.main.node == now.main.node && now.log.is_some();
            if !is_closing || self.is_as_noted(now.main) {
                break;
            }
            sleep(BETWEEN_CHECKPOINT_TRIES).await;
            now = self.look()?;
        }
        if known.main.node != now.main.node {
            if now.log.is_some() || self.identity_without_log().await.ok().flatten() != known.identity {
                return Err(Displaced::Moved.into());
            }
        } else if (known.was_opened || now.log.is_some()) && !self.is_as_noted(now.main) {
            return Err(Displaced::Changed.into());
        }
        if now.log.is_none() {
            state.write(|note| note.is_changing = true)?;
        }
        Ok(now)
    }

    /// Notes the file as it is now: after a checkpoint, or after it was opened or closed.
    ///
    /// One that took its place meanwhile is not noted as what was changed.
    fn note(&self, state: &mut State, node: Node, pages: Option<i64>) -> Result<Opened, sqlx::Error> {
        let now = self.look()?;
        if now.main.node != node {
            return Err(Displaced::Moved.into());
        }
        let progress = pages.map_or(state.note.progress, |pages| Progress { log: log_number(&self.log), pages });
        let mut known = self.known();
        if let Some(known) = known.as_mut() {
            known.is_damaged &= known.main.node == now.main.node;
            (known.main, known.strange) = (now.main, None);
            known.log_size = now.log.map_or(0, |log| log.size);
            known.progress = progress;
        }
        state.write_soon(|note| {
            note.see(&now);
            note.is_changing = false;
            note.progress = progress;
            // Somebody may have removed the note meanwhile.
            note.identity = known.as_ref().and_then(|known| known.identity.clone()).or(note.identity.take());
        })?;
        Ok(now)
    }

    /// Notes the file that was admitted, and has been opened.
    pub(crate) fn note_opened(&self, state: &mut State, admitted: &Opened) -> Result<Opened, sqlx::Error> {
        let now = self.look()?;
        if now.log.is_none() {
            return Err(Displaced::Moved.into());
        }
        let opened = self.note(state, admitted.main.node, None)?;
        if let Some(known) = self.known().as_mut() {
            known.was_opened = true;
        }
        Ok(opened)
    }

    /// True where the file is as a checkpoint left it, or is just being changed by one.
    fn is_as_noted(&self, main: Mark) -> bool {
        let mut known = self.known();
        let Some(known) = known.as_mut() else { return true };
        if known.main == main {
            return true;
        }
        if known.main.node != main.node {
            return false;
        }
        match Note::read(&self.state) {
            Ok(Some(note)) if note.main == Some(main) => {
                (known.main, known.progress) = (main, note.progress);
                true
            }
            Ok(Some(note)) => note.is_changing,
            _ => false,
        }
    }

    /// Checks that the files that were opened stand in their places, and that the file is as a checkpoint left it.
    pub(crate) fn check(&self, opened: &Opened) -> Result<(), Displaced> {
        // A checkpoint may end between the look at the file and the look at its note.
        for _ in 0..3 {
            let now = self.look()?;
            if !now.are_the_files_of(opened) {
                return Err(Displaced::Moved);
            }
            if self.is_as_noted(now.main) {
                if let Some(known) = self.known().as_mut() {
                    known.log_size = now.log.map_or(0, |log| log.size);
                }
                return Ok(());
            }
        }
        Err(Displaced::Changed)
    }

    /// True where a checkpoint of another program, such as `sqlite3`, changed the file, as SQLite's own count of what was
    /// carried over shows; the file is noted as that left it then.
    pub(crate) async fn was_checkpointed_by_another(&self, connection: &mut AnyConnection, opened: &Opened) -> bool {
        for _ in 0..CHECKPOINT_TRIES {
            let Ok(row) = connection.fetch_one("PRAGMA wal_checkpoint(NOOP)").await else { return false };
            let (Ok(pages), Ok(now)) = (row.try_get("checkpointed"), self.look()) else { return false };
            let Some(known) = self.known().clone() else { return false };
            let is_emptied = known.log_size > 0 && now.log.is_some_and(|log| log.is_empty());
            let progress = Progress { log: log_number(&self.log), pages };
            if is_emptied || (pages > 0 && progress != known.progress) {
                let Ok(mut state) = self.lock().await else { return false };
                if self.note(&mut state, opened.main.node, Some(pages)).is_err() {
                    return false;
                }
                tracing::warn!(
                    file = %self.path.display(),
                    "another program has checkpointed the database's log; it is taken as it is now"
                );
            }
            if known.strange == Some(now.main) {
                return false;
            }
            if self.check(opened) != Err(Displaced::Changed) {
                return true;
            }
            sleep(BETWEEN_CHECKPOINT_TRIES).await;
        }
        if let (Some(known), Ok(now)) = (self.known().as_mut(), self.look()) {
            known.strange = Some(now.main);
        }
        false
    }

    /// Carries the log over into the file, which is noted before and after, and returns whether all of it was.
    pub(crate) async fn checkpoint(&self, connection: &mut AnyConnection, mode: Mode) -> Result<bool, sqlx::Error> {
        let mut state = self.lock().await?;
        let before = self.look()?.main;
        if !self.is_as_noted(before) {
            return Err(Displaced::Changed.into());
        }
        state.write(|note| note.is_changing = true)?;
        let row = connection.fetch_one(mode.pragma()).await?;
        let [busy, pages, carried_over]: [i64; 3] =
            [row.try_get("busy")?, row.try_get("log")?, row.try_get("checkpointed")?];
        self.note(&mut state, before.node, Some(carried_over))?;
        Ok(busy == 0 && pages == carried_over)
    }

    /// Closes a connection. With the last one SQLite carries the log over into the file, which is noted; into a file that
    /// is another one the log must not come, so that the connection stays open until the process ends.
    pub(crate) async fn close(&self, connection: AnyConnection, opened: &Opened) {
        match self.lock().await {
            Ok(mut state) => self.close_under(&mut state, connection, opened).await,
            Err(_) if !self.stands_where_it_was(opened) => close(connection).await,
            Err(_) => self.keep_open(connection),
        }
    }

    pub(crate) async fn close_under(&self, state: &mut State, mut connection: AnyConnection, opened: &Opened) {
        if !self.stands_where_it_was(opened) {
            // Of a file that has moved SQLite leaves the log alone.
            return close(connection).await;
        }
        let Ok(now) = self.look() else { return close(connection).await };
        if !self.is_as_noted(now.main) || state.write(|note| note.is_changing = true).is_err() {
            return self.keep_open(connection);
        }
        let log = |opened: &Opened| opened.log.map(|log| log.node);
        if opened.log.is_some() && log(opened) != log(&now) {
            // What stands in the log alone can be reached through this connection only, and goes into the file now.
            let carried_over = timeout(CLOSING, connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")).await;
            if !matches!(carried_over, Ok(Ok(_))) {
                tracing::error!(
                    file = %self.path.display(),
                    "the log was taken away, and could not be written into the file: what was stored last may be lost"
                );
            }
        }
        close(connection).await;
        // Where this can't be noted, it is still noted that the file changes.
        let _ = self.note(state, now.main.node, None);
    }

    /// Lets go of a connection, which sqlx closes some time later.
    pub(crate) fn let_go(&self, connection: AnyConnection, opened: &Opened) {
        if !self.stands_where_it_was(opened) {
            return;
        }
        let is_noted = State::lock_now(&self.path, &self.state).and_then(|mut state| {
            let is_as_noted = self.look().is_ok_and(|now| self.is_as_noted(now.main));
            if is_as_noted {
                state.write(|note| note.is_changing = true)
            } else {
                Err(io::ErrorKind::InvalidData.into())
            }
        });
        if is_noted.is_err() {
            self.keep_open(connection);
        }
    }

    /// Keeps a connection open until the process ends. What SQLite knows of the file it shares among all connections of a
    /// process: no other one is opened here.
    fn keep_open(&self, connection: AnyConnection) {
        if let Ok(now) = self.look()
            && !self.is_as_noted(now.main)
        {
            tracing::error!(
                file = %self.path.display(),
                "the log is not written into the file, which another program has changed, and lies beside it"
            );
            KEPT_OPEN.lock().unwrap_or_else(PoisonError::into_inner).push(now.main.node);
        }
        mem::forget(connection);
    }

    fn stands_where_it_was(&self, opened: &Opened) -> bool {
        self.look().is_ok_and(|now| opened.main.node == now.main.node)
    }

    /// True where the log has grown so long that it is to be carried over.
    pub(crate) async fn has_long_log(&self, connection: &mut AnyConnection) -> bool {
        let is_large = self.known().as_ref().is_some_and(|known| known.log_size >= LONG_LOG);
        if !is_large {
            return false;
        }
        // A large log may have been begun anew.
        let row = connection.fetch_one("PRAGMA wal_checkpoint(NOOP)").await;
        let pages: Result<(i64, i64), _> = row.and_then(|row| Ok((row.try_get("log")?, row.try_get("checkpointed")?)));
        pages.is_ok_and(|(pages, carried_over)| pages - carried_over >= LONG_LOG_PAGES)
    }

    pub(crate) async fn note_backup(&self, at: i64) -> io::Result<()> {
        self.lock().await?.write(|note| note.backed_up_at = Some(at))
    }

    /// Remembers that SQLite found the file damaged, where it stands in its place.
    pub(crate) fn note_damage(&self) {
        let is_here = self.look().is_ok_and(|now| self.is_as_noted(now.main));
        if let Some(known) = self.known().as_mut().filter(|known| is_here && !known.is_damaged) {
            known.is_damaged = true;
            tracing::error!(
                file = %self.path.display(),
                "the database file is damaged: nothing is written to it, and pushes are answered with 503; stop the server \
                 and restore a backup with `weifen inbox restore --from FILE`"
            );
        }
    }

    /// Refuses to write to a file that is damaged: what is stored there may not be found again.
    pub(crate) fn refuse_damaged(&self) -> Result<(), sqlx::Error> {
        let is_damaged = self.known().as_ref().is_some_and(|known| known.is_damaged);
        if is_damaged { Err(sqlx::Error::Configuration(Damaged.into())) } else { Ok(()) }
    }

    /// Remembers which database it is, once its tables are there.
    ///
    /// They may be in the log alone, where another connection was open while they were made. The file is to say by itself
    /// which database it is: a copy of it is known by that when it comes back.
    pub(crate) async fn remember(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let identity = identity(connection).await?;
        if self.identity_without_log().await.ok().flatten() != identity {
            self.checkpoint(connection, Mode::Full).await?;
        }
        let mut state = self.lock().await?;
        if let Some(known) = self.known().as_mut() {
            known.identity.clone_from(&identity);
        }
        state.write(|note| note.identity = identity)?;
        Ok(())
    }

    /// The identity of the file and the log beside it, taken together, if they are sound. Nothing is written to either.
    async fn identity_if_sound(&self) -> Result<Option<Option<String>>, sqlx::Error> {
        tracing::warn!(file = %self.path.display(), "nothing tells whether the log is this file's: both are checked");
        let mut connection = AnyConnection::connect(&self.url_to_read()).await?;
        let found = sound_identity(&mut connection).await;
        connection.close().await?;
        match found {
            Err(error) if is_damage(&error) => Ok(None),
            found => found,
        }
    }

    /// The identity of the file by itself. Nothing else is opened, and nothing locked or written.
    async fn identity_without_log(&self) -> Result<Option<String>, sqlx::Error> {
        let mut connection = AnyConnection::connect(&self.url_with("mode=ro&immutable=true")).await?;
        let identity = identity(&mut connection).await;
        connection.close().await?;
        identity
    }

    /// The address under which it is read with its log, which stays as it is: SQLite carries nothing over when a connection
    /// is closed that may only read.
    pub(crate) fn url_to_read(&self) -> String {
        self.url_with(if self.log.exists() { "mode=ro" } else { "mode=ro&immutable=true" })
    }

    /// The address under which it can be looked into while nothing on the disk is made, changed or locked for others.
    ///
    /// Beside a server, or what one left that crashed, its log is read through the log's index, which is not written
    /// then; else the file is read by itself.
    pub(crate) fn url_to_look(&self) -> String {
        let has_log = fs::metadata(&self.log).is_ok_and(|log| log.len() > 0) && self.index.exists();
        if !has_log {
            return self.url_with("mode=ro&immutable=true");
        }
        // sqlx knows no such parameter, so that SQLite is told by a URI in the place of the name.
        let path = utf8_percent_encode(&self.path.to_string_lossy(), RESERVED).to_string();
        let uri = format!("file:{path}?readonly_shm=1");
        format!("sqlite:{}?mode=ro", utf8_percent_encode(&uri, NON_ALPHANUMERIC))
    }

    /// How changes are kept until they are in the file, as its head says: `wal`, or `rollback` for all other ways.
    pub(crate) fn journal_mode(&self) -> io::Result<&'static str> {
        const VERSIONS: std::ops::Range<usize> = 18..20;
        let mut head = [0; VERSIONS.end];
        match fs::File::open(&self.path)?.read_exact(&mut head) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => {}
        }
        Ok(if head[VERSIONS] == [2, 2] { "wal" } else { "rollback" })
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Treatment of those who read and write during a checkpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mode {
    /// Waits for nobody.
    Passive,
    /// Waits for those who write.
    Full,
    /// Waits for those who read as well, and empties the log.
    Truncate,
}

impl Mode {
    fn pragma(self) -> &'static str {
        match self {
            Self::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
            Self::Full => "PRAGMA wal_checkpoint(FULL)",
            Self::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
        }
    }
}

async fn close(connection: AnyConnection) {
    // Nothing depends on how it ends.
    let _ = timeout(CLOSING, connection.close()).await;
}

/// The address under which SQLite opens a file.
pub(crate) fn url(path: &Path, parameters: &str) -> String {
    format!("sqlite://{}?{parameters}", utf8_percent_encode(&path.to_string_lossy(), RESERVED))
}

/// The name by which SQLite attaches a file that nobody writes, and makes nothing beside it.
pub(crate) fn unchanging_uri(path: &Path) -> String {
    format!("file:{}?mode=ro&immutable=1", utf8_percent_encode(&path.to_string_lossy(), RESERVED))
}

/// The number in a log's head that SQLite changes each time that it begins the log anew.
fn log_number(log: &Path) -> Option<u64> {
    let mut head = [0; 24];
    fs::File::open(log).ok()?.read_exact(&mut head).ok()?;
    let [.., number] = head.as_chunks::<8>().0 else { return None };
    Some(u64::from_be_bytes(*number))
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}
