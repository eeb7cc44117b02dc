//! Closing a connection to a file, which may checkpoint the log into it.

use std::io;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::{AnyConnection, Connection, Executor};
use tokio::time::timeout;

use super::File;
use crate::mark::{Node, Opened};
use crate::state::State;

/// Timeout for closing a connection.
const CLOSING: Duration = Duration::from_secs(5);

/// Files that another program changed under open connections, which stay open.
static KEPT_OPEN: Mutex<Vec<Node>> = Mutex::new(Vec::new());

fn kept_open() -> MutexGuard<'static, Vec<Node>> {
    KEPT_OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// True where this process keeps a connection open to this file, which has changed.
pub(super) fn is_kept_open(node: Node) -> bool {
    kept_open().contains(&node)
}

impl File {
    /// Closes a connection. SQLite checkpoints the log into the file when the last one closes, which is noted. The log
    /// must not get into a file that was replaced: then the connection stays open until the process ends.
    pub async fn close(&self, connection: AnyConnection, opened: &Opened) {
        match self.paths.lock().await {
            Ok(mut state) => self.close_under(&mut state, connection, opened).await,
            Err(_) if !self.stands_where_it_was(opened) => close(connection).await,
            Err(_) => self.keep_open(connection),
        }
    }

    /// Closes a connection under the lock of the note.
    pub async fn close_under(&self, state: &mut State, mut connection: AnyConnection, opened: &Opened) {
        if !self.stands_where_it_was(opened) {
            // SQLite leaves the log of a moved file alone.
            return close(connection).await;
        }
        let Ok(now) = self.paths.look() else { return close(connection).await };
        if !self.is_as_noted(now.main) || state.write(|note| note.is_changing = true).is_err() {
            return self.keep_open(connection);
        }
        let log = |opened: &Opened| opened.log.map(|log| log.node);
        if opened.log.is_some() && log(opened) != log(&now) {
            // Only this connection still reaches the rows that are in the log alone: they go into the file now.
            let carried_over = timeout(CLOSING, connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")).await;
            if !matches!(carried_over, Ok(Ok(_))) {
                tracing::error!(
                    file = %self.paths.main.display(),
                    "the log (-wal) was removed and could not be written into the file: the last writes may be lost"
                );
            }
        }
        close(connection).await;
        // If this fails, the note still says that the file is changing.
        let _ = self.note(state, now.main.node, None);
    }

    /// Prepares a connection to be dropped: sqlx closes it some time later.
    pub fn let_go(&self, connection: AnyConnection, opened: &Opened) {
        if !self.stands_where_it_was(opened) {
            return;
        }
        let is_noted = self.paths.lock_now().and_then(|mut state| {
            let is_as_noted = self.paths.look().is_ok_and(|now| self.is_as_noted(now.main));
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

    /// Keeps a connection open until the process ends. SQLite shares its state of a file among all connections of a
    /// process, so no other connection is opened here.
    fn keep_open(&self, connection: AnyConnection) {
        if let Ok(now) = self.paths.look()
            && !self.is_as_noted(now.main)
        {
            tracing::error!(
                file = %self.paths.main.display(),
                "the log (-wal) was not written into the file, because another program has changed the file; the log \
                 is kept beside it"
            );
            kept_open().push(now.main.node);
        }
        mem::forget(connection);
    }

    fn stands_where_it_was(&self, opened: &Opened) -> bool {
        self.paths.look().is_ok_and(|now| opened.main.node == now.main.node)
    }
}

/// Closes a connection, with a timeout.
pub async fn close(connection: AnyConnection) {
    // Nothing depends on how it ends.
    let _ = timeout(CLOSING, connection.close()).await;
}
