//! The inbox that a command uses: opened for it, and closed behind it.

use weifen::Config;
use weifen::inbox::Inbox;

use crate::failure::Failure;

/// Lets `work` use the inbox that is there already: a mistyped name makes no new one.
///
/// # Errors
/// When it can't be opened; and `work`'s.
pub(super) async fn existing<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Inbox) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let inbox = Inbox::open(&config.inbox_database().existing()).await?;
    closed_behind(&inbox, work).await
}

/// Lets `work` book QR codes in the inbox, which is made where there is none.
///
/// # Errors
/// When it can't be opened; and `work`'s.
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
