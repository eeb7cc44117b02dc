//! Beginning calls: a row is there before anything is sent.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sqlx::AssertSqlSafe;
use weifen_database::{Writing, milliseconds};
use weifen_transport::StoreError;

use super::{Store, column, json};
use crate::row::{Again, Row};
use crate::{Begun, CallKey, Fingerprint, NewCall, Outcome, Sending};

/// A call that is to be begun.
#[derive(Debug)]
pub(crate) struct Beginning {
    digest: String,
    key: CallKey,
    operation: &'static str,
    fingerprint: Fingerprint,
}

impl From<NewCall> for Beginning {
    fn from(call: NewCall) -> Self {
        let NewCall { key, operation, fingerprint } = call;
        Self { digest: key.digest(), key, operation, fingerprint }
    }
}

/// A row as a parameter of a statement: bytes as hexadecimal text.
#[derive(Serialize)]
struct New<'a> {
    digest: &'a str,
    caller: &'a str,
    idempotency_key: &'a str,
    operation: &'a str,
    fingerprint: String,
}

impl Store {
    /// Begins those calls that may be sent.
    pub(crate) async fn begin(&self, batch: &[Beginning]) -> Result<Vec<Begun>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        let begun = self.begin_in(&mut writing, batch).await.map_err(failed)?;
        writing.commit().await?;
        Ok(begun)
    }

    async fn begin_in(&self, writing: &mut Writing<'_>, batch: &[Beginning]) -> Result<Vec<Begun>, sqlx::Error> {
        let mut new = self.insert(writing, batch).await?;
        let mut rows = HashMap::new();
        // Of two with one key only the first finds it new.
        if new.len() < batch.len() {
            let digests: Vec<&str> = batch.iter().map(|call| &*call.digest).collect();
            rows.extend(self.locked(writing, &digests).await?);
        }
        let mut begun = Vec::with_capacity(batch.len());
        for call in batch {
            begun.push(if new.remove(&call.digest) {
                Begun::Send(Sending { digest: call.digest.clone(), attempt: 1 })
            } else {
                let row = rows.get_mut(&call.digest).ok_or(sqlx::Error::RowNotFound)?;
                self.again(writing, call, row).await?
            });
        }
        Ok(begun)
    }

    /// Inserts the rows of keys that are new; returns their digests.
    async fn insert(&self, writing: &mut Writing<'_>, batch: &[Beginning]) -> Result<HashSet<String>, sqlx::Error> {
        let rows: Vec<_> = batch
            .iter()
            .map(|call| New {
                digest: &call.digest,
                caller: call.key.caller(),
                idempotency_key: call.key.as_str(),
                operation: call.operation,
                fingerprint: hex::encode(&call.fingerprint.0),
            })
            .collect();
        let dialect = writing.dialect();
        let records = dialect.records(&[
            ("digest", "TEXT"),
            ("caller", "TEXT"),
            ("idempotency_key", "TEXT"),
            ("operation", "TEXT"),
            ("fingerprint", "TEXT"),
        ]);
        let [digest, fingerprint] = ["record.digest", "record.fingerprint"].map(|text| dialect.bytes(text));
        let returned = dialect.hex("digest");
        let (now, deadline, kept_until) = self.times(writing.now);
        // In one order, so that two servers with the same keys wait for each other.
        let sql = format!(
            "INSERT INTO calls (digest, caller, idempotency_key, operation, fingerprint, outcome, sender, attempt, \
                 began_at, deadline, kept_until) \
             SELECT {digest}, record.caller, record.idempotency_key, record.operation, {fingerprint}, 'begun', $2, 1, \
                 {now}, {deadline}, {kept_until} \
             FROM {records} WHERE true ORDER BY record.digest ON CONFLICT (digest) DO NOTHING \
             RETURNING lower({returned}) AS hex"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(json(&rows)?).bind(&*self.sender);
        let inserted = query.fetch_all(&mut *writing.connection).await?;
        inserted.iter().map(|row| column(row, "hex")).collect()
    }

    /// Decides on a call whose key has been used, and begins it if it may be sent.
    async fn again(&self, writing: &mut Writing<'_>, call: &Beginning, row: &mut Row) -> Result<Begun, sqlx::Error> {
        match row.again(&call.fingerprint, writing.now) {
            Again::Send => {}
            Again::InUse(left) => return Ok(Begun::InUse(milliseconds::to_duration(left))),
            Again::Replay(outcome, answer) => return Ok(Begun::Replay(outcome, answer)),
            Again::Reused => return Ok(Begun::Reused),
            Again::Expired(outcome) => return Ok(Begun::Expired(outcome)),
        }
        let (now, deadline, kept_until) = self.times(writing.now);
        row.attempt += 1;
        (row.written, row.deadline) = (Outcome::Begun, deadline);
        // The key comes back where it was erased.
        let sql = format!(
            "UPDATE calls SET outcome = 'begun', sender = $2, idempotency_key = $3, attempt = {}, began_at = {now}, \
                 deadline = {deadline}, ended_at = NULL, kept_until = {kept_until} WHERE digest = {}",
            row.attempt,
            writing.dialect().bytes("$1")
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(&*call.digest).bind(&*self.sender).bind(call.key.as_str());
        query.execute(&mut *writing.connection).await?;
        Ok(Begun::Send(Sending { digest: call.digest.clone(), attempt: row.attempt }))
    }

    /// Now, the deadline of a call that is begun now, and the time until which it is kept if it gets no end.
    fn times(&self, now: i64) -> (i64, i64, i64) {
        let deadline = now.saturating_add(self.sendable);
        (now, deadline, deadline.saturating_add(self.kept))
    }
}
