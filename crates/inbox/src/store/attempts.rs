//! Attempts to store one batch of pushes. Each writes its number in its own transaction: where the connection is lost
//! at the commit, the next attempt reads whether that one was committed, and counts nothing twice.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use sqlx::{AnyConnection, AssertSqlSafe};

use super::receipt::Judged;
use crate::identity::random_id;

/// A task that stores batches, one after the other, with its name in the database.
#[derive(Debug)]
pub(crate) struct Writer {
    name: String,
    last: AtomicI64,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self { name: random_id(), last: AtomicI64::new(0) }
    }
}

/// The attempts at one batch.
pub(super) struct Attempts<'a> {
    writer: &'a Writer,
    first: i64,
    /// The receipts of each attempt.
    receipts: Mutex<Vec<Vec<Judged>>>,
}

/// The number that an attempt writes.
pub(super) struct AttemptMark<'a> {
    writer: &'a str,
    attempt: i64,
    first: i64,
}

impl<'a> Attempts<'a> {
    pub(super) fn by(writer: &'a Writer) -> Self {
        Self { writer, first: writer.last.load(Ordering::Relaxed) + 1, receipts: Mutex::default() }
    }

    /// Begins an attempt with these receipts.
    pub(super) fn begin(&self, receipts: &[Judged]) -> AttemptMark<'a> {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner).push(receipts.to_vec());
        let attempt = self.writer.last.fetch_add(1, Ordering::Relaxed) + 1;
        AttemptMark { writer: &self.writer.name, attempt, first: self.first }
    }

    /// The receipts of the attempt that was committed.
    pub(super) async fn committed(&self, connection: &mut AnyConnection) -> Result<Vec<Judged>, sqlx::Error> {
        let query = sqlx::query_scalar("SELECT attempt FROM writers WHERE name = $1").bind(&self.writer.name);
        let attempt: i64 = query.fetch_one(connection).await?;
        let receipts = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        let at = usize::try_from(attempt - self.first).map_err(|_| sqlx::Error::RowNotFound)?;
        receipts.get(at).cloned().ok_or(sqlx::Error::RowNotFound)
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Any, <sqlx::Any as sqlx::Database>::Arguments>;

impl AttemptMark<'_> {
    /// A statement that writes the mark, and returns no row if an attempt at the same batch has written one. Its
    /// values, bound by [`bind`](Self::bind), begin with number `value`.
    pub(super) fn statement(value: u8) -> String {
        let [attempt, now, first] = [1, 2, 3].map(|n| value + n);
        format!(
            "INSERT INTO writers (name, attempt, written_at) VALUES (${value}, ${attempt}, ${now}) \
             ON CONFLICT (name) DO UPDATE SET attempt = excluded.attempt, written_at = excluded.written_at \
                 WHERE writers.attempt < ${first} \
             RETURNING attempt"
        )
    }

    pub(super) fn bind<'q>(&self, query: Query<'q>, now: i64) -> Query<'q> {
        query.bind(self.writer.to_owned()).bind(self.attempt).bind(now).bind(self.first)
    }

    /// Writes the mark; false where an attempt at the same batch was committed.
    pub(super) async fn leave(&self, connection: &mut AnyConnection, now: i64) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(AssertSqlSafe(Self::statement(1)));
        Ok(self.bind(query, now).fetch_optional(connection).await?.is_some())
    }
}
