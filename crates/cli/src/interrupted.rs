//! Interrupts: Ctrl-C or SIGTERM for a command that runs until then.

use std::io;

use crate::failure::Failure;

#[cfg(unix)]
pub(crate) use unix::{end_at_once, interrupted};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    use tokio::signal::unix::{SignalKind, signal};

    use super::no_signals;
    use crate::failure::Failure;

    /// True where the next Ctrl-C or SIGTERM ends the process at once.
    static AT_ONCE: AtomicBool = AtomicBool::new(true);

    /// The signal handler. It needs no thread of the process: any of them may be stuck.
    static HANDLED: LazyLock<io::Result<()>> = LazyLock::new(|| {
        for kind in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(kind, 0, &AT_ONCE)?;
            flag::register(kind, &AT_ONCE)?;
        }
        Ok(())
    });

    /// Makes Ctrl-C and SIGTERM end the process at once, whatever it waits for, until [`interrupted`] is called. A
    /// container's first process ignores them otherwise.
    ///
    /// # Errors
    /// When the signal handler can't be installed.
    pub(crate) fn end_at_once() -> Result<(), Failure> {
        HANDLED.as_ref().copied().map_err(no_signals)
    }

    /// Waits for Ctrl-C or SIGTERM, which are caught from the call on. A second one ends the process at once.
    ///
    /// # Errors
    /// When the signal handlers can't be installed.
    pub(crate) fn interrupted() -> impl Future<Output = Result<(), Failure>> {
        let listened =
            signal(SignalKind::interrupt()).and_then(|ctrl_c| Ok((ctrl_c, signal(SignalKind::terminate())?)));
        let handled = end_at_once();
        AT_ONCE.store(false, Ordering::SeqCst);
        async move {
            handled?;
            let (mut ctrl_c, mut end) = listened.map_err(|error| no_signals(&error))?;
            tokio::select! {
                _ = ctrl_c.recv() => {}
                _ = end.recv() => {}
            }
            Ok(())
        }
    }
}

/// Does nothing: elsewhere Ctrl-C ends a process until [`interrupted`] is called.
#[cfg(not(unix))]
pub(crate) fn end_at_once() -> Result<(), Failure> {
    Ok(())
}

/// Waits for Ctrl-C. A second one ends the process at once.
///
/// # Errors
/// When the handler can't be installed.
#[cfg(not(unix))]
pub(crate) async fn interrupted() -> Result<(), Failure> {
    tokio::signal::ctrl_c().await.map_err(|error| no_signals(&error))?;
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(0);
        }
    });
    Ok(())
}

fn no_signals(error: &io::Error) -> Failure {
    Failure::internal(format!("cannot listen for signals: {error}"))
}
