//! The user's wish, or the system's, that a command end which runs until then.

use std::io;

use crate::failure::Failure;

/// Waits for Ctrl-C or a request to end. Both are listened for from the call on, before the first wait.
///
/// # Errors
/// When signals can't be listened for.
#[cfg(unix)]
pub(crate) fn interrupted() -> impl Future<Output = Result<(), Failure>> {
    use tokio::signal::unix::{SignalKind, signal};

    let listened = signal(SignalKind::interrupt()).and_then(|ctrl_c| Ok((ctrl_c, signal(SignalKind::terminate())?)));
    async move {
        let (mut ctrl_c, mut end) = listened.map_err(|error| no_signals(&error))?;
        tokio::select! {
            _ = ctrl_c.recv() => {}
            _ = end.recv() => {}
        }
        Ok(())
    }
}

/// Waits for Ctrl-C.
///
/// # Errors
/// When it can't be listened for.
#[cfg(not(unix))]
pub(crate) async fn interrupted() -> Result<(), Failure> {
    tokio::signal::ctrl_c().await.map_err(|error| no_signals(&error))
}

fn no_signals(error: &io::Error) -> Failure {
    Failure::internal(format!("signals can't be listened for: {error}"))
}
