//! Beginning calls: a row is there before anything is sent.

use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use weifen_database::{LONGEST, Writing, milliseconds};

use super::{Store, json};
use crate::row::{Again, Row};
use crate::{Begun, CallKey, Fingerprint, NewCall, Outcome, Sending};

/// A call that is to be begun.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(super) digest: String,
    key: CallKey,
    operation: &'static str,
    fingerprint: Fingerprint,
    pub(super) asked_at: Instant,
}

impl From<NewCall> for Beginning {
    fn from(call: NewCall) -> Self {
        let NewCall { key, operation, fingerprint } = call;
        Self { digest: key.digest(), key, operation, fingerprint, asked_at: Instant::now() }
    }
}

impl Beginning {
    /// True while its caller waits for it.
    pub(super) fn is_awaited(&self) -> bool {
        self.asked_at.elapsed() < LONGEST
    }

    fn first(&self) -> Begun {
        Begun::Send(Sending { digest: self.digest.clone(), attempt: 1 })
    }
}

impl Store {
    /// Begins calls whose keys are new. Where one is not, this fails.
    pub(super) async fn begin_new(
        &self,
        writing: &mut Writing<'_>,
        batch: &[&Beginning],
    ) -> Result<Vec<Begun>, sqlx::Error> {
        self.insert(writing, batch).await?;
        Ok(batch.iter().map(|call| call.first()).collect())
    }

    /// Begins those calls that may be sent.
    pub(super) async fn begin(
        &self,
        writing: &mut Writing<'_>,
        batch: &[&Beginning],
    ) -> Result<Vec<Begun>, sqlx::Error> {
        let mut rows = self.locked(writing, batch.iter().map(|call| &*call.digest)).await?;
        let (mut new, mut begun) = (Vec::new(), Vec::with_capacity(batch.len()));
        for call in batch {
            begun.push(if !call.is_awaited() {
                // Nobody would send it, and its key would be unknown in the end.
                Begun::InUse(Duration::ZERO)
            } else if let Some(row) = rows.get_mut(&call.digest) {
                self.again(writing, call, row).await?
            } else {
                // Of two with one key the second finds the first one's.
                rows.insert(call.digest.clone(), self.first_row(call, writing.now));
                new.push(*call);
                call.first()
            });
        }
        self.insert(writing, &new).await?;
        Ok(begun)
    }

    /// The row of a call that is begun for the first time.
    fn first_row(&self, call: &Beginning, now: i64) -> Row {
        let (_, deadline, kept_until) = self.times(now);
        Row {
            fingerprint: call.fingerprint.clone(),
            written: Outcome::Begun,
            sender: self.sender.clone(),
            attempt: 1,
            deadline,
            kept_until,
            answer: None,
        }
    }

    /// Inserts the rows of keys that are new. Where one has a row, this fails.
    async fn insert(&self, writing: &mut Writing<'_>, new: &[&Beginning]) -> Result<(), sqlx::Error> {
        if new.is_empty() {
            return Ok(());
        }
        let rows = new.iter().map(|call| {
            let fingerprint = hex::encode(&call.fingerprint.0);
            (&call.digest, call.key.caller(), call.key.as_str(), call.operation, fingerprint)
        });
        // In one order, so that two servers with the same keys wait for each other.
        let mut rows: Vec<_> = rows.collect();
        rows.sort_unstable();
        let rows = json(&rows)?;
        let dialect = writing.dialect();
        let records = dialect.records(&[
            ("digest", "TEXT"),
            ("caller", "TEXT"),
            ("idempotency_key", "TEXT"),
            ("operation", "TEXT"),
            ("fingerprint", "TEXT"),
        ]);
        let [digest, fingerprint] = ["record.digest", "record.fingerprint"].map(|text| dialect.bytes(text));
        let (now, deadline, kept_until) = self.times(writing.now);
        let sql = format!(
            "INSERT INTO calls (digest, caller, idempotency_key, operation, fingerprint, outcome, sender, attempt, \
                 began_at, deadline, kept_until) \
             SELECT {digest}, record.caller, record.idempotency_key, record.operation, {fingerprint}, 'begun', $2, 1, \
                 CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT) \
             FROM {records}"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(rows).bind(&*self.sender);
        let query = query.bind(now).bind(deadline).bind(kept_until);
        query.execute(&mut *writing.connection).await.map(drop)
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

    /// Now, the deadline of a call that is begun now, and the time until which its answer is kept.
    fn times(&self, now: i64) -> (i64, i64, i64) {
        let deadline = now.saturating_add(self.sendable);
        (now, deadline, deadline.saturating_add(self.kept))
    }
}
