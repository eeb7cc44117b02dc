//! Beginning calls: a row is there before anything is sent.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use weifen_database::{LONGEST, Writing, milliseconds};

use super::{Store, column, json};
use crate::row::{Again, Row};
use crate::{Begun, CallKey, Fingerprint, NewCall, Outcome, Sending};

/// A call that is to be begun.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) digest: String,
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
    /// The answer where its caller has given up: nobody would send it, and its key would be unknown in the end.
    fn given_up(&self) -> Option<Begun> {
        (self.asked_at.elapsed() >= LONGEST).then_some(Begun::InUse(Duration::ZERO))
    }
}

impl Store {
    /// Begins those calls that may be sent. Only the rows of keys that have been used are read.
    pub(super) async fn begin(
        &self,
        writing: &mut Writing<'_>,
        batch: &[&Beginning],
    ) -> Result<Vec<Begun>, sqlx::Error> {
        let mut begun: Vec<_> = batch.iter().map(|call| (*call, call.given_up())).collect();
        let open = begun.iter().filter(|(_, begun)| begun.is_none()).map(|(call, _)| *call);
        let mut new = self.insert(writing, &open.collect::<Vec<_>>()).await?;
        // Of two with one key the second finds the row of the first.
        for (call, begun) in begun.iter_mut().filter(|(_, begun)| begun.is_none()) {
            *begun = new.take(&call.digest).map(|digest| Begun::Send(Sending { digest, attempt: 1 }));
        }
        let used = begun.iter().filter(|(_, begun)| begun.is_none()).map(|(call, _)| &*call.digest);
        let mut rows = self.locked(writing, used).await?;
        for (call, begun) in begun.iter_mut().filter(|(_, begun)| begun.is_none()) {
            *begun = Some(match rows.get_mut(&call.digest) {
                Some(row) => self.again(writing, call, row).await?,
                // A purge has just deleted it.
                None => Begun::InUse(Duration::ZERO),
            });
        }
        Ok(begun.into_iter().filter_map(|(_, begun)| begun).collect())
    }

    /// Inserts the rows of keys that are new; returns the digests of these.
    async fn insert(&self, writing: &mut Writing<'_>, calls: &[&Beginning]) -> Result<HashSet<String>, sqlx::Error> {
        if calls.is_empty() {
            return Ok(HashSet::new());
        }
        let rows = calls.iter().map(|call| {
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
             FROM {records} WHERE true ON CONFLICT (digest) DO NOTHING RETURNING lower({}) AS digest",
            dialect.hex("digest")
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(rows).bind(&*self.sender);
        let query = query.bind(now).bind(deadline).bind(kept_until);
        let inserted = query.fetch_all(&mut *writing.connection).await?;
        inserted.iter().map(|row| column(row, "digest")).collect()
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
