//! The journal: what a server asks of it. Clones share everything.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use weifen_database::{Dialect, GroupCommit, Pool};
use weifen_transport::StoreError;

use crate::store::{Beginning, Ending, Store, Write, Written, erase};
use crate::{Answer, Call, CallKey, Fingerprint, Finish, Outcome};

/// The journal of calls. A call is begun before it is sent and ended after, both durably.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    begins: GroupCommit<Write, Written>,
    ends: GroupCommit<Write, Written>,
    /// Ends with rows of others, which may fail: no other call is to fail with them.
    finishes: GroupCommit<Write, Written>,
    /// Digests of calls whose end could not be written yet.
    unwritten: Mutex<HashSet<String>>,
}

/// Time after which a call whose end could not be written yet may be asked for again.
const UNWRITTEN: Duration = Duration::from_secs(1);

/// Lengths of time in the life of a call.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Time from its beginning in which it may be sent. After it, a call without an end is [`Outcome::Unknown`].
    pub sendable: Duration,
    /// Time after `sendable` for which its answer is given again.
    pub kept: Duration,
}

/// A call that is to be made.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// Its key.
    pub key: CallKey,
    /// Name of its operation.
    pub operation: &'static str,
    /// What it asks for.
    pub fingerprint: Fingerprint,
}

/// The journal's answer to a call that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Begun {
    /// It is begun: send it, and then [`end`](Journal::end) it.
    Send(Sending),
    /// The first request under its key is under way, for so long at the most, or its end is not written yet. Nothing is
    /// to be sent.
    InUse(Duration),
    /// It was made before: give its answer. Without an answer its server ended before the call did.
    Replay(Outcome, Option<Answer>),
    /// Its key stands for another request. Nothing is to be sent.
    Reused,
    /// It was made before, with this outcome, and its answer is no longer kept. Nothing is to be sent.
    Expired(Outcome),
}

/// A call that was begun, and that nobody else sends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a call that was begun must be ended"]
pub struct Sending {
    pub(crate) digest: String,
    pub(crate) attempt: i64,
}

/// The end of a call.
#[derive(Debug, Clone)]
pub enum End {
    /// It had no effect: the same request may be sent again.
    Free,
    /// It is answered so from now on.
    Answered(Outcome, Answer),
    /// It was done, and what is to be committed with its end tells the answer.
    Finished(Arc<dyn Finish>),
}

/// Result of ending a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The end is written, with the answer that the call has now: `None` if its key is free, or the answer erased.
    /// After the restore of a backup the database may not know the call: the answer is returned, and not stored.
    Written(Option<Answer>),
    /// The end came too late and is not written: another attempt has begun under the key, or the key was to be free
    /// and is [`Outcome::Unknown`] already.
    Overtaken,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("database", &self.0.store.pool().name()).finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal in a database, for one run of one server, within a tokio runtime. In a SQLite file every call
    /// that is still begun becomes [`Outcome::Unknown`]: the one server that has the file has just started.
    ///
    /// # Errors
    /// When the database can't be written to.
    pub async fn open(pool: Arc<Pool>, times: Times) -> Result<Self, StoreError> {
        let store = Arc::new(Store::new(pool, times));
        store.abandon().await?;
        let queue = || {
            let of_queue = store.clone();
            GroupCommit::start(store.pool(), move |batch: Vec<Write>| {
                let store = of_queue.clone();
                async move { store.pool().in_time(store.write(&batch)).await }
            })
        };
        let begins = queue();
        // A file has one writer, for whom the fewest commits are best; PostgreSQL commits side by side.
        let ends = if store.pool().dialect() == Dialect::Sqlite { begins.clone() } else { queue() };
        let finishes = queue();
        Ok(Self(Arc::new(Inner { store, begins, ends, finishes, unwritten: Mutex::default() })))
    }

    /// Begins a call, durably, if it may be sent.
    ///
    /// # Errors
    /// The database is unreachable, locked or full. The call may be begun: do not send it; its key stays in use.
    pub async fn begin(&self, call: NewCall) -> Result<Begun, StoreError> {
        let beginning = Beginning::from(call);
        let is_unwritten = self.unwritten().contains(&beginning.digest);
        match self.0.begins.commit(Write::Begin(beginning)).await? {
            Written::Begun(Begun::Replay(Outcome::Unknown, None)) if is_unwritten => Ok(Begun::InUse(UNWRITTEN)),
            Written::Begun(begun) => Ok(begun),
            Written::Ended(_) => unreachable!("a beginning ends nothing"),
        }
    }

    /// Ends a call, durably.
    ///
    /// # Errors
    /// The database is unreachable, locked or full. The end may be written. Repeat this until it succeeds: the end is
    /// written once.
    pub async fn end(&self, call: &Sending, end: End) -> Result<Ended, StoreError> {
        let queue = if matches!(end, End::Finished(_)) { &self.0.finishes } else { &self.0.ends };
        match queue.commit(Write::End(Ending { call: call.clone(), end })).await {
            Ok(Written::Ended(ended)) => {
                self.unwritten().remove(&call.digest);
                Ok(ended)
            }
            Ok(Written::Begun(_)) => unreachable!("an end begins nothing"),
            Err(error) => {
                self.unwritten().insert(call.digest.clone());
                Err(error)
            }
        }
    }

    fn unwritten(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the call under this key.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn call(&self, key: &CallKey) -> Result<Option<Call>, StoreError> {
        self.0.store.pool().in_time(self.0.store.call(key)).await
    }

    /// Returns calls of `caller` with numbers below `before`, the newest first, up to `limit`: all, or those of one
    /// outcome.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn calls(
        &self,
        caller: &str,
        outcome: Option<Outcome>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Call>, StoreError> {
        self.0.store.pool().in_time(self.0.store.calls(caller, outcome, before, limit)).await
    }

    /// Erases keys and answers that are kept no longer; returns their number. What became of the calls stays, and the
    /// keys of unknown ones.
    ///
    /// # Errors
    /// When the database can't be written to; some may be erased by then.
    pub async fn erase(&self) -> Result<u64, StoreError> {
        erase::expired(self.0.store.pool()).await
    }

    /// Erases, in the database of a server that may be running, keys and answers of calls that ended longer ago than
    /// `age`; returns their number. What became of a call stays for 400 days.
    ///
    /// # Errors
    /// When the database can't be written to; some may be erased by then. Repeating is safe.
    pub async fn purge(pool: &Pool, age: Duration) -> Result<u64, StoreError> {
        erase::older(pool, age).await
    }
}
