//! Checkpoints of a file's log: ours, which are noted, and other programs', which are detected.

use sqlx::{AnyConnection, Executor, Row};
use tokio::time::sleep;

use super::displaced::Displaced;
use super::{BETWEEN_CHECKPOINT_TRIES, CHECKPOINT_TRIES, File};
use crate::identity::identity;
use crate::mark::Opened;
use crate::state::Progress;

/// Size in bytes, and in pages, from which a log is checkpointed.
const LONG_LOG: u64 = 64 * 1024 * 1024;
const LONG_LOG_PAGES: i64 = 16_000;

/// Treatment of readers and writers during a checkpoint.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// Waits for nobody.
    Passive,
    /// Waits for writers.
    Full,
    /// Waits for readers as well, and empties the log.
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

impl File {
    /// Checkpoints the log into the file, with a note before and after. Returns true if all of it was carried over.
    pub async fn checkpoint(&self, connection: &mut AnyConnection, mode: Mode) -> Result<bool, sqlx::Error> {
        let mut state = self.paths.lock().await?;
        let before = self.paths.look()?.main;
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

    /// True where another program's checkpoint, such as by `sqlite3`, changed the file: SQLite's own count of
    /// checkpointed pages shows it. The file is then noted as it is.
    pub async fn was_checkpointed_by_another(&self, connection: &mut AnyConnection, opened: &Opened) -> bool {
        for _ in 0..CHECKPOINT_TRIES {
            let Ok(row) = connection.fetch_one("PRAGMA wal_checkpoint(NOOP)").await else { return false };
            let (Ok(pages), Ok(now)) = (row.try_get("checkpointed"), self.paths.look()) else { return false };
            let Some(known) = self.known().clone() else { return false };
            let is_emptied = known.log_size > 0 && now.log.is_some_and(|log| log.is_empty());
            let progress = Progress { log: self.paths.log_number(), pages };
            if is_emptied || (pages > 0 && progress != known.progress) {
                let Ok(mut state) = self.paths.lock().await else { return false };
                if self.note(&mut state, opened.main.node, Some(pages)).is_err() {
                    return false;
                }
                tracing::warn!(
                    file = %self.paths.main.display(),
                    "another program has checkpointed the database's log (-wal); weifen continues with the log as it \
                     is now"
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
        if let (Some(known), Ok(now)) = (self.known().as_mut(), self.paths.look()) {
            known.strange = Some(now.main);
        }
        false
    }

    /// True where the log is so long that it has to be checkpointed.
    pub async fn has_long_log(&self, connection: &mut AnyConnection) -> bool {
        let is_large = self.known().as_ref().is_some_and(|known| known.log_size >= LONG_LOG);
        if !is_large {
            return false;
        }
        // A large log may have been begun anew.
        let row = connection.fetch_one("PRAGMA wal_checkpoint(NOOP)").await;
        let pages: Result<(i64, i64), _> = row.and_then(|row| Ok((row.try_get("log")?, row.try_get("checkpointed")?)));
        pages.is_ok_and(|(pages, carried_over)| pages - carried_over >= LONG_LOG_PAGES)
    }

    /// Notes the database's identity, once its tables are there.
    ///
    /// The tables may be in the log alone if another connection was open while they were made. They are carried over
    /// into the file, so that a copy of the file alone is recognised when it is put back.
    pub async fn remember(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let identity = identity(connection).await?;
        if self.paths.identity_without_log().await.ok().flatten() != identity {
            self.checkpoint(connection, Mode::Full).await?;
        }
        let mut state = self.paths.lock().await?;
        if let Some(known) = self.known().as_mut() {
            known.identity.clone_from(&identity);
        }
        state.write(|note| note.identity = identity)?;
        Ok(())
    }
}
