//! Checkpoints of SQLite's log into the file, beside writers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use super::connections::Connections;
use super::file::{File, Mode};

/// Pause after a checkpoint: a log that somebody was reading is tried again after it.
const AGAIN: Duration = Duration::from_secs(1);

/// True while a checkpoint is under way.
#[derive(Debug, Default)]
pub(super) struct CarryingOver(Arc<AtomicBool>);

impl CarryingOver {
    /// Begins a checkpoint, unless one is under way. Most of the log is carried over while others write, its end while
    /// none does: SQLite reuses a log only once all of it is carried over.
    pub(super) fn begin(&self, file: &Arc<File>, readers: &Arc<Connections>, writers: &Arc<Connections>) {
        if self.0.swap(true, Ordering::Relaxed) {
            return;
        }
        let (is_done, file) = (self.0.clone(), file.clone());
        let (readers, writers) = (readers.clone(), writers.clone());
        tokio::spawn(async move {
            for connections in [readers, writers] {
                if let Err(error) = carry_over(&file, &connections).await {
                    tracing::warn!(%error, "the checkpoint of the database failed; weifen retries it");
                    break;
                }
            }
            sleep(AGAIN).await;
            is_done.store(false, Ordering::Relaxed);
        });
    }
}

async fn carry_over(file: &File, connections: &Arc<Connections>) -> Result<(), sqlx::Error> {
    let mut connection = connections.lend().await?;
    // Until it is done.
    connection.is_sound = false;
    file.checkpoint(&mut connection, Mode::Passive).await?;
    connection.is_sound = true;
    Ok(())
}
