//! A pool of open connections. Each has one borrower at a time; after any failure all of them are replaced.
//!
//! sqlx's own pool hides why a connection could not be set up, and can't know which file a connection has open.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::fault::is_busy;
use super::file::{Displaced, File, close};
use super::mark::Opened;
use super::{Dialect, setup};

/// Timeout for borrowing or opening a connection, and for a used one to answer its first query.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// Pause between two attempts to connect to a database that is coming back: the first and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));
/// Timeout for borrowed connections to come back when the pool is closed.
const CLOSING: Duration = Duration::from_secs(5);

pub(super) struct Connections {
    dialect: Dialect,
    options: AnyConnectOptions,
    file: Option<Arc<File>>,
    most: u32,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Kept>>,
    /// Number of failures. Connections that were opened before the last one are not lent again.
    failures: AtomicU64,
}

/// A connection, and the number of failures when it was opened.
struct Kept {
    // There until it is closed.
    connection: Option<AnyConnection>,
    file: Option<(Arc<File>, Opened)>,
    failures: u64,
}

/// A borrowed connection. Dropped, it goes back to the pool, or is closed if it is not sound.
pub struct Lent {
    home: Arc<Connections>,
    // Both are there until it is dropped.
    kept: Option<Kept>,
    permit: Option<OwnedSemaphorePermit>,
    /// True where it was borrowed before.
    pub(super) is_used: bool,
    /// True where it may go back to the pool.
    pub is_sound: bool,
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").field("is_used", &self.is_used).field("is_sound", &self.is_sound).finish_non_exhaustive()
    }
}

impl Connections {
    /// Makes a pool of at most `most` connections to the database at this address.
    pub(super) fn new(
        dialect: Dialect,
        address: &str,
        file: Option<Arc<File>>,
        most: u32,
    ) -> Result<Arc<Self>, sqlx::Error> {
        Ok(Arc::new(Self {
            dialect,
            options: address.parse()?,
            file,
            most,
            permits: Arc::new(Semaphore::new(most as usize)),
            idle: Mutex::default(),
            failures: AtomicU64::default(),
        }))
    }

    pub(super) async fn lend(self: &Arc<Self>) -> Result<Lent, sqlx::Error> {
        let permit = timeout(PATIENCE, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        let lent = |kept, is_used| Lent {
            home: self.clone(),
            kept: Some(kept),
            permit: Some(permit),
            is_used,
            is_sound: true,
        };
        while let Some(mut kept) = self.pop_idle() {
            if kept.failures == self.failures.load(Ordering::Relaxed) && kept.check().await.is_ok() {
                return Ok(lent(kept, true));
            }
            Box::pin(kept.close()).await;
        }
        // On the heap, as it is rare and large.
        Ok(lent(Box::pin(self.open()).await?, false))
    }

    /// Retires all connections that are open now, after a failure.
    pub(super) fn renew(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits for borrowed connections, and closes all. Nothing is lent afterwards.
    pub(super) async fn close(&self) {
        let all = timeout(CLOSING, self.permits.acquire_many(self.most)).await;
        self.permits.close();
        drop(all);
        while let Some(kept) = self.pop_idle() {
            kept.close().await;
        }
    }

    fn pop_idle(&self) -> Option<Kept> {
        self.idle().pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn open(&self) -> Result<Kept, sqlx::Error> {
        let deadline = Instant::now() + PATIENCE;
        let (mut pause, longest) = PAUSES;
        let mut last = sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        while let Ok(opened) = timeout_at(deadline, self.open_once()).await {
            match opened {
                Err(error) if is_passing(&error) => last = error,
                done => return done,
            }
            if Instant::now() + pause >= deadline {
                break;
            }
            sleep(pause).await;
            pause = longest.min(pause * 2);
        }
        Err(last)
    }

    async fn open_once(&self) -> Result<Kept, sqlx::Error> {
        let failures = self.failures.load(Ordering::Relaxed);
        let Some(file) = &self.file else {
            let mut connection = self.connect().await?;
            setup::set_up(&mut connection, self.dialect).await?;
            return Ok(Kept { connection: Some(connection), file: None, failures });
        };
        let mut state = file.paths.lock().await?;
        let admitted = file.admit(&mut state).await?;
        let mut connection = self.connect().await?;
        let opened = match setup::set_up(&mut connection, self.dialect).await {
            Ok(()) => file.note_opened(&mut state, &admitted),
            Err(error) => Err(error),
        };
        match opened {
            Ok(opened) => Ok(Kept { connection: Some(connection), file: Some((file.clone(), opened)), failures }),
            Err(error) => {
                // Closed now: SQLite removes the log's name at the close, which later may have become another file's.
                file.close_under(&mut state, connection, &admitted).await;
                Err(error)
            }
        }
    }

    async fn connect(&self) -> Result<AnyConnection, sqlx::Error> {
        AnyConnection::connect_with(&self.options).await.map_err(without_values)
    }
}

impl Kept {
    /// Checks that the connection's file is still the one that the next opener of the database would open.
    async fn check(&mut self) -> Result<(), Displaced> {
        let Some((file, opened)) = &self.file else { return Ok(()) };
        let Err(displaced) = file.check(opened) else { return Ok(()) };
        let Some(connection) = self.connection.as_mut() else { return Err(displaced) };
        let is_explained =
            displaced == Displaced::Changed && Box::pin(file.was_checkpointed_by_another(connection, opened)).await;
        if is_explained { Ok(()) } else { Err(displaced) }
    }

    async fn close(mut self) {
        match (self.connection.take(), &self.file) {
            (Some(connection), Some((file, opened))) => file.close(connection, opened).await,
            (Some(connection), None) => close(connection).await,
            (None, _) => {}
        }
    }
}

impl Drop for Kept {
    /// sqlx closes a dropped connection some time later.
    fn drop(&mut self) {
        if let (Some(connection), Some((file, opened))) = (self.connection.take(), &self.file) {
            file.let_go(connection, opened);
        }
    }
}

/// Removes values of a URL's options from sqlx's error, which repeats those that it can't use.
pub(super) fn without_values(error: sqlx::Error) -> sqlx::Error {
    match error {
        sqlx::Error::Configuration(_) => {
            sqlx::Error::Configuration("an option in the database's URL can't be used".into())
        }
        error => error,
    }
}

/// Returns true where a database is expected back at once: it is starting, or another process is opening it.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(database) => database.is_transient_in_connect_phase() || is_busy(error),
        _ => false,
    }
}

impl Lent {
    /// Checks that what was just committed is in the file that the next opener of the database would open.
    pub(super) async fn check(&mut self) -> Result<(), Displaced> {
        match &mut self.kept {
            Some(kept) => kept.check().await,
            None => Ok(()),
        }
    }
}

impl Deref for Lent {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match &self.kept {
            Some(Kept { connection: Some(connection), .. }) => connection,
            _ => unreachable!("it is taken out when this is dropped"),
        }
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match &mut self.kept {
            Some(Kept { connection: Some(connection), .. }) => connection,
            _ => unreachable!("it is taken out when this is dropped"),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(kept) = self.kept.take() else { return };
        if self.is_sound && !self.home.permits.is_closed() {
            self.home.idle().push(kept);
        } else if let Ok(runtime) = Handle::try_current() {
            let permit = self.permit.take();
            runtime.spawn(async move {
                kept.close().await;
                drop(permit);
            });
        }
    }
}
