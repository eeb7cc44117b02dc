//! Correction of times that were written while the clock was wrong: nothing waits longer for them than it ever should.

use sqlx::AssertSqlSafe;
use weifen_database::milliseconds;
use weifen_transport::StoreError;

use super::claim::{KEPT, WAITING};
use super::{Store, column};
use crate::DispatchPolicy;

/// Tolerance for a time ahead of now, in milliseconds: clocks are often set back by a little.
pub(super) const SLACK: i64 = 2000;
/// The start of the year 2019 (UTC), in milliseconds since 1970: an earlier time was written by a wrong clock.
pub(super) const DAWN: i64 = 1_546_300_800_000;

/// Numbers of rows with times of a wrong clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recalled {
    /// Events that are due now, or whose wait counts from now.
    pub(crate) events: u64,
    /// Bookings whose time begins now.
    pub(crate) bookings: u64,
}

impl Store {
    /// Corrects implausible times. Due times only with a policy, which tells how far ahead they may be.
    pub(crate) async fn recall(&self, policy: Option<&DispatchPolicy>) -> Result<Option<Recalled>, StoreError> {
        let failed = |error| self.pool.failed(error);
        if !self.has_wrong_times(policy).await.map_err(failed)? {
            return Ok(None);
        }
        let mut writing = self.pool.write().await.map_err(failed)?;
        let bounds = Bounds::at(writing.now, policy);
        let now = writing.now;
        // A lease is cut to its full length, not to nothing: its worker may still be active. Leases by claims have
        // lengths of their own.
        let lease = policy.map_or(0, |policy| milliseconds::of(policy.lease));
        let lease = format!(
            "{now} + CASE WHEN due_at - tried_at BETWEEN 0 AND {lease} THEN due_at - tried_at ELSE {lease} END"
        );
        let sql = format!(
            "UPDATE events SET \
                 due_at = CASE WHEN {} THEN {now} WHEN {} THEN {lease} ELSE due_at END, \
                 waits_since = CASE WHEN {} THEN {now} ELSE waits_since END \
             WHERE due_at IS NOT NULL AND ({} OR {} OR {})",
            bounds.waiting, bounds.kept, bounds.since, bounds.waiting, bounds.kept, bounds.since
        );
        let query = sqlx::query(AssertSqlSafe(sql));
        let events = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        let sql = format!(
            "UPDATE bookings SET ends_at = ends_at - booked_at + {now}, booked_at = {now} WHERE {}",
            bounds.bookings
        );
        let query = sqlx::query(AssertSqlSafe(sql));
        let bookings = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        writing.commit().await?;
        Ok(Some(Recalled { events, bookings }))
    }

    /// Reads only the ends of indexes, so that it can run each second.
    async fn has_wrong_times(&self, policy: Option<&DispatchPolicy>) -> Result<bool, sqlx::Error> {
        let (mut connection, now) = self.pool.read().await?;
        let bounds = Bounds::at(now, policy);
        let any = |table: &str, condition: &str| {
            format!("SELECT COUNT(*) AS found FROM (SELECT 1 FROM {table} WHERE {condition} LIMIT 1) AS one")
        };
        let sql = [
            any("events", &bounds.waiting),
            any("events", &bounds.kept),
            any("events", &format!("due_at IS NOT NULL AND {}", bounds.since)),
            any("bookings", &bounds.bookings),
        ];
        let sql = format!("SELECT CAST(SUM(found) AS BIGINT) AS found FROM ({}) AS wrong", sql.join(" UNION ALL "));
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
        Ok(column::<i64>(&row, "found")? > 0)
    }
}

/// Conditions of implausible times.
struct Bounds {
    waiting: String,
    kept: String,
    since: String,
    bookings: String,
}

impl Bounds {
    fn at(now: i64, policy: Option<&DispatchPolicy>) -> Self {
        let ahead = now.saturating_add(SLACK);
        // If the clock itself is wrong, no time is too early.
        let dawn = if now < DAWN { 0 } else { DAWN };
        let later_than = |wait| milliseconds::of(wait).saturating_add(ahead);
        let due = |queue: &str, wait| match wait {
            Some(wait) => format!("({queue} AND due_at > {})", later_than(wait)),
            None => "1 = 0".to_owned(),
        };
        Self {
            waiting: due(WAITING, policy.map(|policy| policy.backoff_cap)),
            kept: due(KEPT, policy.map(DispatchPolicy::longest)),
            since: format!("(waits_since > {ahead} OR waits_since < {dawn})"),
            bookings: format!("((ends_at > {now} AND booked_at > {ahead}) OR ends_at < {dawn})"),
        }
    }
}
