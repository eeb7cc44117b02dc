//! Connections that are kept open. Each is lent to one at a time; when anything fails, all of them are replaced.
//!
//! sqlx's own pool keeps to itself why a connection could not be set up, and can't know which file one has open.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection, Executor};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::fault::is_busy;
use super::file::{File, Gone, Node, Opened};
use super::{Dialect, setup};

/// How long a connection is waited for, and how long one that was used before may take to show that it still stands.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// How long a database that is just coming back is left alone between two attempts, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));
/// How long a connection may take to be closed.
const CLOSING: Duration = Duration::from_secs(5);

pub(super) struct Connections {
    dialect: Dialect,
    options: AnyConnectOptions,
    file: Option<Arc<File>>,
    most: u32,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Kept>>,
    /// Counts failures. Connections from before the last one are not lent again.
    failures: AtomicU64,
}

/// A connection, and when it was opened.
struct Kept {
    connection: AnyConnection,
    opened: Option<Opened>,
    failures: u64,
}

/// A connection that is lent. Dropped, it is kept for the next one, or closed if it is not sound.
pub(crate) struct Lent {
    home: Arc<Connections>,
    // Both are there until it is dropped.
    kept: Option<Kept>,
    permit: Option<OwnedSemaphorePermit>,
    /// Whether it was used before.
    pub(super) is_used: bool,
    /// Whether it can be lent again.
    pub(crate) is_sound: bool,
}

impl Connections {
    /// To a database at this address, at most so many.
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
        while let Some(kept) = self.pop_idle() {
            if self.is_current(&kept) {
                return Ok(lent(kept, true));
            }
            self.close_one(kept).await;
        }
        Ok(lent(self.open().await?, false))
    }

    /// After a failure: no connection of now is lent again.
    pub(super) fn renew(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits for those that are lent, and closes all. Nothing is lent afterwards.
    pub(super) async fn close(&self) {
        let all = timeout(CLOSING, self.permits.acquire_many(self.most)).await;
        self.permits.close();
        drop(all);
        while let Some(kept) = self.pop_idle() {
            self.close_one(kept).await;
        }
    }

    fn pop_idle(&self) -> Option<Kept> {
        self.idle().pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_current(&self, kept: &Kept) -> bool {
        kept.failures == self.failures.load(Ordering::Relaxed) && self.is_in_place(kept)
    }

    fn is_in_place(&self, kept: &Kept) -> bool {
        self.file.as_ref().is_none_or(|file| kept.opened == file.look().ok())
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
        let before = match &self.file {
            Some(file) => Some(file.admit().await?),
            None => None,
        };
        let mut connection = AnyConnection::connect_with(&self.options).await.map_err(without_values)?;
        match self.examine(&mut connection, before).await {
            Ok(opened) => Ok(Kept { connection, opened, failures }),
            Err(error) => {
                // Closed now and not later: SQLite removes the log's name then, which may have become another file's.
                let _ = timeout(CLOSING, connection.close()).await;
                Err(error)
            }
        }
    }

    /// Sets a connection up, and makes sure that it leads where it should.
    async fn examine(
        &self,
        connection: &mut AnyConnection,
        before: Option<Node>,
    ) -> Result<Option<Opened>, sqlx::Error> {
        setup::set_up(connection, self.dialect).await?;
        let Some(file) = self.file.as_deref() else { return Ok(None) };
        let opened = file.look()?;
        if before != Some(opened.main) || !opened.has_log() {
            return Err(Gone.into());
        }
        Ok(Some(opened))
    }

    async fn close_one(&self, mut kept: Kept) {
        let closed = async {
            if self.file.as_deref().zip(kept.opened).is_some_and(|(file, opened)| file.has_lost_log_of(opened)) {
                // What stands in the log alone can be reached through this connection only, and goes into the file now.
                kept.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
            }
            kept.connection.close().await
        };
        // Nothing depends on how it ends.
        let _ = timeout(CLOSING, closed).await;
    }
}

/// sqlx repeats the values of a URL's options that it can't use.
pub(super) fn without_values(error: sqlx::Error) -> sqlx::Error {
    match error {
        sqlx::Error::Configuration(_) => {
            sqlx::Error::Configuration("an option in the database's URL can't be used".into())
        }
        error => error,
    }
}

/// Whether a database that can't be reached is expected back at once: it is just being started, or opened by another.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(database) => database.is_transient_in_connect_phase() || is_busy(error),
        _ => false,
    }
}

impl Lent {
    /// Whether what was just committed is where the next one who opens the database finds it.
    pub(crate) fn check(&self) -> Result<(), Gone> {
        if self.kept.as_ref().is_some_and(|kept| self.home.is_in_place(kept)) { Ok(()) } else { Err(Gone) }
    }
}

impl Deref for Lent {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match &self.kept {
            Some(kept) => &kept.connection,
            None => unreachable!("it is taken out when this is dropped"),
        }
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match &mut self.kept {
            Some(kept) => &mut kept.connection,
            None => unreachable!("it is taken out when this is dropped"),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(kept) = self.kept.take() else { return };
        if self.is_sound && !self.home.permits.is_closed() {
            self.home.idle().push(kept);
        } else if let Ok(runtime) = Handle::try_current() {
            let (home, permit) = (self.home.clone(), self.permit.take());
            runtime.spawn(async move {
                home.close_one(kept).await;
                drop(permit);
            });
        }
    }
}
