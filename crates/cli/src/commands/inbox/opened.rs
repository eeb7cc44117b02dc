//! The inbox of a command: opened before it, and closed after it.

use weifen::Config;
use weifen::inbox::Inbox;

use crate::failure::Failure;

/// Runs `work` on an existing inbox: a mistyped name makes no new one.
///
/// # Errors
/// When the inbox can't be opened, or `work` fails.
pub(in crate::commands) async fn existing<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Inbox) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let inbox = Inbox::open(&config.inbox_database().existing()).await?;
    closed_behind(&inbox, work).await
}

/// Runs `work`, which books QR codes, on the inbox, which is made where there is none.
///
/// # Errors
/// When the inbox can't be opened, or `work` fails.
pub(in crate::commands) async fn for_bookings<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Inbox) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let inbox = Inbox::open(&config.inbox_database()).await?;
    closed_behind(&inbox, work).await
}

async fn closed_behind<T>(inbox: &Inbox, work: impl AsyncFnOnce(&Inbox) -> Result<T, Failure>) -> Result<T, Failure> {
    let outcome = work(inbox).await;
    inbox.close().await;
    outcome
}
