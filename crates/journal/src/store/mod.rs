//! The journal's table. One file an operation.

mod abandon;
mod begin;
mod end;
pub(crate) mod erase;
mod show;
#[cfg(test)]
mod tests;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Row as _};
use weifen_database::{Pool, Writing, milliseconds};

pub(crate) use begin::Beginning;
pub(crate) use end::Ending;
pub(crate) use write::{Write, Written};

use crate::journal::Times;
use crate::row::Row;
use crate::{Answer, Fingerprint, Outcome};

/// The table of calls, for one run of one server.
#[derive(Debug)]
pub(crate) struct Store {
    pool: Arc<Pool>,
    /// Random, so that no two runs have the same.
    sender: String,
    /// In milliseconds.
    sendable: i64,
    kept: i64,
}

/// The columns that [`row`] reads.
const ROW: &str = "fingerprint, outcome, sender, attempt, deadline, kept_until, status, answer";

/// The error of a column with a value that no version of this program has written.
#[derive(Debug, thiserror::Error)]
#[error("the value was not written by weifen")]
struct Alien;

impl Store {
    pub(crate) fn new(pool: Arc<Pool>, times: Times) -> Self {
        let sender = hex::encode(rand::random::<[u8; 16]>());
        Self { pool, sender, sendable: milliseconds::of(times.sendable), kept: milliseconds::of(times.kept) }
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Reads the rows of these digests, and locks them in one order. Returns them by digest.
    async fn locked<'d>(
        &self,
        writing: &mut Writing<'_>,
        digests: impl Iterator<Item = &'d str>,
    ) -> Result<HashMap<String, Row>, sqlx::Error> {
        let digests: Vec<_> = digests.collect();
        if digests.is_empty() {
            return Ok(HashMap::new());
        }
        let dialect = writing.dialect();
        let [digest, fingerprint] = ["digest", "fingerprint"].map(|bytes| format!("lower({})", dialect.hex(bytes)));
        let columns =
            format!("{digest}, {fingerprint}, outcome, sender, attempt, deadline, kept_until, status, answer");
        let sql = format!(
            "SELECT {} AS found FROM (SELECT * FROM calls WHERE digest {} ORDER BY digest {}) AS calls",
            dialect.json(&columns),
            dialect.is_among(),
            dialect.locked()
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(json(&digests)?);
        let found: String = column(&query.fetch_one(&mut *writing.connection).await?, "found")?;
        let found: Vec<Found> = serde_json::from_str(&found).map_err(|error| sqlx::Error::Decode(error.into()))?;
        found.into_iter().map(Found::row).collect()
    }
}

/// A row as JSON has it: the columns of [`Row`] behind its digest, bytes as hexadecimal text.
#[derive(Deserialize)]
struct Found(String, String, String, String, i64, i64, i64, Option<u16>, Option<String>);

impl Found {
    /// The row with its digest.
    fn row(self) -> Result<(String, Row), sqlx::Error> {
        let Self(digest, fingerprint, outcome, sender, attempt, deadline, kept_until, status, body) = self;
        let fingerprint = Fingerprint(hex::decode(fingerprint).map_err(|_| alien("fingerprint"))?);
        let written = Outcome::read(&outcome).ok_or_else(|| alien("outcome"))?;
        let answer = status.zip(body).map(|(status, body)| Answer { status, body });
        Ok((digest, Row { fingerprint, written, sender, attempt, deadline, kept_until, answer }))
    }
}

fn row(found: &AnyRow) -> Result<Row, sqlx::Error> {
    let word: String = column(found, "outcome")?;
    Ok(Row {
        fingerprint: Fingerprint(column(found, "fingerprint")?),
        written: Outcome::read(&word).ok_or_else(|| alien("outcome"))?,
        sender: column(found, "sender")?,
        attempt: column(found, "attempt")?,
        deadline: column(found, "deadline")?,
        kept_until: column(found, "kept_until")?,
        answer: answer(found)?,
    })
}

fn answer(found: &AnyRow) -> Result<Option<Answer>, sqlx::Error> {
    let (status, body) = (column::<Option<i64>>(found, "status")?, column::<Option<String>>(found, "answer")?);
    let answer = status.zip(body).map(|(status, body)| {
        let status = u16::try_from(status).map_err(|_| alien("status"))?;
        Ok(Answer { status, body })
    });
    answer.transpose()
}

fn alien(name: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: name.to_owned(), source: Alien.into() }
}

fn column<'r, T: sqlx::Decode<'r, Any> + sqlx::Type<Any>>(row: &'r AnyRow, name: &str) -> Result<T, sqlx::Error> {
    row.try_get(name)
}

/// Encodes a batch as one JSON value of a statement.
fn json(batch: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(batch).map_err(|error| sqlx::Error::Encode(error.into()))
}
