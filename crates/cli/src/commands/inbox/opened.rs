//! The inbox that a command uses: opened for it, and closed behind it.

use weifen::Config;
use weifen::inbox::{Inbox, Rules};

use crate::failure::Failure;

/// Lets `work` use the inbox that is there already: a mistyped name makes no new one.
///
/// # Errors
/// When it can't be opened; and `work`'s.
pub(super) async fn existing<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Inbox) -> Result<T, Failure>,
) -> Result<T, Failure> {
    // Nothing is received here, so that no rule is asked, and whose the pushes are need not be known.
    let inbox = Inbox::open(&config.inbox_database().existing(), Rules::new("")).await?;
    closed_behind(&inbox, work).await
}

/// Lets `work` judge pushes in the inbox that is there already, by the configuration's rules.
///
/// # Errors
/// When it can't be opened, or whose the pushes are is not configured; and `work`'s.
pub(super) async fn judging<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Inbox) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let inbox = Inbox::open(&config.inbox_database().existing(), config.inbox_rules()?).await?;
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
    let inbox = Inbox::open(&config.inbox_database(), config.inbox_rules()?).await?;
    closed_behind(&inbox, work).await
}

async fn closed_behind<T>(inbox: &Inbox, work: impl AsyncFnOnce(&Inbox) -> Result<T, Failure>) -> Result<T, Failure> {
    let outcome = work(inbox).await;
    inbox.close().await;
    outcome
}
