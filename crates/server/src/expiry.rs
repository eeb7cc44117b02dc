//! Erases the answers of calls that are kept no longer.

use std::time::Duration;

use tokio::time::sleep;
use weifen::journal::Journal;
use weifen::transport::in_words;

const BETWEEN: Duration = Duration::from_secs(600);

/// Erases now and every ten minutes, until it is dropped.
pub(crate) async fn erase(journal: Journal) {
    loop {
        if let Err(error) = journal.erase().await {
            tracing::warn!(error = in_words(&error), "could not erase expired answers; weifen retries");
        }
        sleep(BETWEEN).await;
    }
}
