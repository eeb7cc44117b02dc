//! A log that a test reads.

use std::fmt::{self, Write as _};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// Keeps everything that is logged on this thread.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for Log {
    fn record_error(&mut self, field: &Field, mut error: &(dyn std::error::Error + 'static)) {
        self.record_debug(field, &format_args!("{error} {error:?}"));
        while let Some(source) = error.source() {
            error = source;
            self.record_debug(field, &format_args!("{error} {error:?}"));
        }
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

impl Log {
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    /// Number of lines that hold this text.
    pub(crate) fn lines(&self, with: &str) -> usize {
        self.text().lines().filter(|line| line.contains(with)).count()
    }
}

/// Lets a server make its log within this thread.
pub(crate) fn listening() -> (Log, impl Drop) {
    let log = Log::default();
    let logging = tracing::subscriber::set_default(log.clone());
    // With one listener in the process, a callsite that another thread reaches first is silent: it asks for that
    // thread's alone.
    std::mem::forget(Dispatch::new(log.clone()));
    (log, logging)
}

/// Everything that is logged from now on on the threads of SQLite files: ours that commit, and sqlx's. Those of all
/// tests together.
pub(crate) fn of_databases() -> Log {
    static LOG: LazyLock<Log> = LazyLock::new(|| {
        let log = Log::default();
        tracing::subscriber::set_global_default(OfDatabases(log.clone())).unwrap();
        log
    });
    LOG.clone()
}

struct OfDatabases(Log);

impl Subscriber for OfDatabases {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        thread::current().name().is_some_and(|name| name == "weifen-commits" || name.starts_with("sqlx-"))
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.0.new_span(span)
    }
    fn record(&self, id: &Id, values: &Record<'_>) {
        self.0.record(id, values);
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
