//! Beginning calls: a row is there before anything is sent.

use std::collections::HashMap;
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
    asked_at: Instant,
}

impl From<NewCall> for Beginning {
    fn from(call: NewCall) -> Self {
        let NewCall { key, operation, fingerprint } = call;
        Self { digest: key.digest(), key, operation, fingerprint, asked_at: Instant::now() }
    }
}

impl Beginning {
    /// True where its caller waits for it no longer.
    fn is_given_up(&self) -> bool {
        self.asked_at.elapsed() >= LONGEST
    }
}

impl Store {
    /// Begins those calls that may be sent. `rows` are those of their keys that have been used.
    pub(super) async fn begin(
        &self,
        writing: &mut Writing<'_>,
        batch: &[&Beginning],
        rows: &mut HashMap<String, Row>,
    ) -> Result<Vec<Begun>, sqlx::Error> {
        let (mut new, mut begun) = (Vec::new(), Vec::with_capacity(batch.len()));
        for call in batch {
            begun.push(if call.is_given_up() {
                // Nobody would send it, and its key would be unknown in the end.
                Begun::InUse(Duration::ZERO)
            } else if let Some(row) = rows.get_mut(&call.digest) {
                self.again(writing, call, row).await?
            } else {
                // Of two with one key the second finds the first one's.
                rows.insert(call.digest.clone(), self.first(call, writing.now));
                new.push(*call);
                Begun::Send(Sending { digest: call.digest.clone(), attempt: 1 })
            });
        }
        if !new.is_empty() {
            self.insert(writing, &new).await?;
        }
        Ok(begun)
    }

    /// The row of a call that is begun for the first time.
    fn first(&self, call: &Beginning, now: i64) -> Row {
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

    /// Inserts the rows of keys that are new. Where another server was faster with one, this fails.
    async fn insert(&self, writing: &mut Writing<'_>, new: &[&Beginning]) -> Result<(), sqlx::Error> {
        let rows = new.iter().map(|call| {
            let fingerprint = hex::encode(&call.fingerprint.0);
            (&call.digest, call.key.caller(), call.key.as_str(), call.operation, fingerprint)
        });
        let rows = json(&rows.collect::<Vec<_>>())?;
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
        // In one order, so that two servers with the same keys wait for each other.
        let sql = format!(
            "INSERT INTO calls (digest, caller, idempotency_key, operation, fingerprint, outcome, sender, attempt, \
                 began_at, deadline, kept_until) \
             SELECT {digest}, record.caller, record.idempotency_key, record.operation, {fingerprint}, 'begun', $2, 1, \
                 CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT) \
             FROM {records} ORDER BY record.digest"
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

    /// Now, the deadline of a call that is begun now, and the time until which it is kept if it gets no end.
    fn times(&self, now: i64) -> (i64, i64, i64) {
        let deadline = now.saturating_add(self.sendable);
        (now, deadline, deadline.saturating_add(self.kept))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;
    use weifen_database::{Database, Pool};
    use weifen_transport::SystemClock;

    use super::*;
    use crate::Times;
    use crate::store::{Write, Written};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_whose_caller_has_given_up_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::sqlite(folder.path().join("inbox.db"));
        let pool = Arc::new(Pool::open(&database, Arc::new(SystemClock)).await.unwrap());
        let store = Store::new(pool, Times { sendable: LONGEST, kept: LONGEST });
        let key = CallKey::new("shop", "late").unwrap();
        let fingerprint = Fingerprint::new(&key, "POST", "/v1/orders", &Value::Null);
        let begun = async |asked_at| {
            let call = NewCall { key: key.clone(), operation: "order", fingerprint: fingerprint.clone() };
            let beginning = Beginning { asked_at, ..Beginning::from(call) };
            let written = store.write(&[Write::Begin(beginning)]).await.unwrap();
            (matches!(written[..], [Written::Begun(Begun::Send(_))]), store.call(&key).await.unwrap().is_some())
        };
        let now = Instant::now();
        assert_eq!(begun(now.checked_sub(LONGEST).unwrap()).await, (false, false));
        assert_eq!(begun(now).await, (true, true));
    }
}
