//! The file of a SQLite database: private, on a local disk, still the one that was opened, and changed by nothing but
//! checkpoints of its own log.

mod checkpoint;
mod closing;
mod displaced;
mod examination;
mod paths;
pub mod url;

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::mark::{Mark, Node, Opened};
use super::state::{Note, Progress, State};

pub use checkpoint::Mode;
pub use closing::close;
pub use displaced::Displaced;
pub use paths::Paths;

/// Number of looks for another program's checkpoint in a file that changed, and the pause between them.
const CHECKPOINT_TRIES: u32 = 20;
const BETWEEN_CHECKPOINT_TRIES: Duration = Duration::from_millis(100);

/// A SQLite file that connections are opened to.
#[derive(Debug)]
pub struct File {
    /// Paths of the file and of what lies beside it.
    pub paths: Paths,
    known: Mutex<Option<Known>>,
}

/// A database as last seen.
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

#[derive(Debug, thiserror::Error)]
#[error("the file is damaged; stop the server and restore a backup with `weifen inbox restore --from FILE`")]
struct Damaged;

impl File {
    /// The file at these paths. It must be examined before it is opened.
    pub fn new(paths: Paths) -> Self {
        Self { paths, known: Mutex::default() }
    }

    /// Admits the file to be opened, which may change it: SQLite sets its journal mode.
    ///
    /// A file that replaced the first one must be the same database, such as its copy, and have no log: SQLite would
    /// replay that log into it. A file must be writable: SQLite would open another read-only, and make a log that
    /// nobody could write later.
    pub async fn admit(&self, state: &mut State) -> Result<Opened, sqlx::Error> {
        let mut now = self.paths.look()?;
        #[cfg(unix)]
        rustix::fs::access(&self.paths.main, rustix::fs::Access::WRITE_OK).map_err(io::Error::from)?;
        let Some(known) = self.known().clone() else { return Err(Displaced::Moved.into()) };
        // Another program that is closing it checkpoints its log, and then removes it.
        for _ in 0..CHECKPOINT_TRIES {
            let is_closing = !known.was_opened && known.main.node == now.main.node && now.log.is_some();
            if !is_closing || self.is_as_noted(now.main) {
                break;
            }
            sleep(BETWEEN_CHECKPOINT_TRIES).await;
            now = self.paths.look()?;
        }
        if known.main.node != now.main.node {
            if now.log.is_some() || self.paths.identity_without_log().await.ok().flatten() != known.identity {
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
    /// A file that replaced it meanwhile is not noted in its place.
    fn note(&self, state: &mut State, node: Node, pages: Option<i64>) -> Result<Opened, sqlx::Error> {
        let now = self.paths.look()?;
        if now.main.node != node {
            return Err(Displaced::Moved.into());
        }
        let progress = pages.map_or(state.note.progress, |pages| Progress { log: self.paths.log_number(), pages });
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
            // The note may have been removed meanwhile.
            note.identity = known.as_ref().and_then(|known| known.identity.clone()).or(note.identity.take());
        })?;
        Ok(now)
    }

    /// Notes an admitted file after it was opened.
    pub fn note_opened(&self, state: &mut State, admitted: &Opened) -> Result<Opened, sqlx::Error> {
        let now = self.paths.look()?;
        if now.log.is_none() {
            return Err(Displaced::Moved.into());
        }
        let opened = self.note(state, admitted.main.node, None)?;
        if let Some(known) = self.known().as_mut() {
            known.was_opened = true;
        }
        Ok(opened)
    }

    /// True where the file is as the last checkpoint left it, or one is changing it now.
    fn is_as_noted(&self, main: Mark) -> bool {
        let mut known = self.known();
        let Some(known) = known.as_mut() else { return true };
        if known.main == main {
            return true;
        }
        if known.main.node != main.node {
            return false;
        }
        match Note::read(&self.paths.state) {
            Ok(Some(note)) if note.main == Some(main) => {
                (known.main, known.progress) = (main, note.progress);
                true
            }
            Ok(Some(note)) => note.is_changing,
            _ => false,
        }
    }

    /// Checks that the opened files are still in place, and that the file is as the last checkpoint left it.
    pub fn check(&self, opened: &Opened) -> Result<(), Displaced> {
        // A checkpoint may end between the look at the file and the look at its note.
        for _ in 0..3 {
            let now = self.paths.look()?;
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

    /// Notes the time of a backup, in milliseconds since 1970.
    ///
    /// # Errors
    /// When the note can't be written.
    pub async fn note_backup(&self, at: i64) -> io::Result<()> {
        self.paths.lock().await?.write(|note| note.backed_up_at = Some(at))
    }

    /// Remembers that SQLite found the file damaged, if it is still in place.
    pub fn note_damage(&self) {
        let is_here = self.paths.look().is_ok_and(|now| self.is_as_noted(now.main));
        if let Some(known) = self.known().as_mut().filter(|known| is_here && !known.is_damaged) {
            known.is_damaged = true;
            tracing::error!(
                file = %self.paths.main.display(),
                "the database file is damaged: nothing is written to it, and pushes are answered with 503; stop the server \
                 and restore a backup with `weifen inbox restore --from FILE`"
            );
        }
    }

    /// Refuses a write to a damaged file: what is stored there may not be found again.
    pub fn refuse_damaged(&self) -> Result<(), sqlx::Error> {
        let is_damaged = self.known().as_ref().is_some_and(|known| known.is_damaged);
        if is_damaged { Err(sqlx::Error::Configuration(Damaged.into())) } else { Ok(()) }
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
