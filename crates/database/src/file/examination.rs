//! The check of a file before it is first opened: it is the file that was here, and the log beside it is its own.

use weifen_transport::StoreError;

use super::closing::is_kept_open;
use super::displaced::Displaced;
use super::{File, Known};
use crate::{Dialect, OpenError, fault};

impl File {
    /// Checks, before it is first opened, that this is the file that was here, and that the log beside it is its own.
    /// Nothing is written but the note.
    pub async fn examine(&self) -> Result<(), OpenError> {
        let fault = |source| OpenError::at(&self.paths.state, source);
        let mut state = self.paths.lock().await.map_err(fault)?;
        let (note, now, is_own) = self.paths.judge(&|| state.note.clone()).await?;
        if is_kept_open(now.main.node) {
            return Err(self.paths.gone(Displaced::Changed));
        }
        let failed =
            |error: sqlx::Error| StoreError::new(self.paths.name(), fault::kind(Dialect::Sqlite, &error), error);
        let found = if !is_own {
            let found = self.paths.identity_if_sound().await.map_err(failed)?;
            Some(found.ok_or_else(|| self.paths.other_log())?)
        } else if note.identity.is_none() || note.main == Some(now.main) || now.log.is_some() {
            None
        } else {
            Some(self.paths.identity_without_log().await.map_err(failed)?)
        };
        match found {
            Some(found) if note.identity.is_some() && found != note.identity => {
                return Err(self.paths.lost(if found.is_none() {
                    "the file has no tables"
                } else {
                    "the file is another database"
                }));
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
        // `is_changing` stays as it was: a dropped connection may not be closed yet.
        state.write(|note| note.see(&now)).map_err(fault)
    }
}
