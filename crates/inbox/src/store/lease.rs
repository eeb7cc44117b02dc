//! Claims events for consumers that acknowledge by hand, each for the length of a lease.
//!
//! A lease that ends without an acknowledgement is a failed attempt. Its fencing number stays, so that an
//! acknowledgement counts until someone else claims the event.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_database::{Writing, milliseconds};
use weifen_transport::StoreError;

use super::claim::{KEPT, NEW, WAITING, left, read, take};
use super::pause::{Mode, switch};
use super::settle::{self, Settlement, Verdict};
use super::{ClaimedEvent, GivenUp, Room, Store, column, row};
use crate::dispatcher::Judge;
use crate::{HandlerError, IdempotencyKey};

/// Failure text of an attempt whose lease ended.
const LEASE_ENDED: &str = "the lease ended without an acknowledgement";
/// Number of ended leases that one claim looks after.
const TOGETHER: u32 = 128;

/// Events that were claimed for consumers.
#[derive(Debug, Default)]
pub(crate) struct Leased {
    pub(crate) events: Vec<ClaimedEvent>,
    /// Time of the claim, in milliseconds since 1970.
    pub(crate) claimed_at: i64,
    /// Events whose lease has ended, to be claimed again after a backoff, and the number of the attempt that failed.
    pub(crate) ended: Vec<(IdempotencyKey, u32)>,
    /// Events that were given up.
    pub(crate) dead: Vec<GivenUp>,
}

impl Store {
    /// Claims due events, as many as there is room for; `None` where a server hands them to a handler.
    pub(crate) async fn lease(&self, room: Room, lease: Duration, judge: &Judge) -> Result<Option<Leased>, StoreError> {
        let failed = |error| self.pool.failed(error);
        if self.switch().await?.mode == Some(Mode::Handler) {
            return Ok(None);
        }
        let next = self.next().await.map_err(failed)?;
        let is_repeat_due = room.again > 0 && next.is_due(next.waiting);
        if next.new.is_none() && !next.is_due(next.kept) && !is_repeat_due {
            return Ok(Some(Leased::default()));
        }
        let mut writing = self.pool.write().await.map_err(failed)?;
        // A server that has just begun to hand them to a handler must be seen.
        if switch(&mut writing.connection).await.map_err(failed)?.mode == Some(Mode::Handler) {
            return Ok(None);
        }
        let mut leased = Leased { claimed_at: writing.now, ..Leased::default() };
        for row in ended(&mut writing).await.map_err(failed)? {
            end(&mut writing, &row, judge, &mut leased).await.map_err(failed)?;
        }
        let which = format!("{WAITING} AND due_at <= $1 ORDER BY due_at");
        let again = take(&mut writing, &which, room.again.min(room.all), lease, &judge.policy).await.map_err(failed)?;
        let which = format!("{NEW} ORDER BY id");
        let new = take(&mut writing, &which, left(room.all, &again), lease, &judge.policy).await.map_err(failed)?;
        let (events, dead) = read(&mut writing, &again, &new, &judge.policy).await.map_err(failed)?;
        leased.events = events;
        leased.dead.extend(dead);
        writing.commit().await?;
        Ok(Some(leased))
    }
}

/// Events whose lease, or the wait that their handler had asked for, is over.
async fn ended(writing: &mut Writing<'_>) -> Result<Vec<AnyRow>, sqlx::Error> {
    let sql = format!(
        "SELECT id, follow, slot, fence, attempts, silent, failing_ms, tried_at, due_at FROM events \
         WHERE {KEPT} AND due_at <= $1 ORDER BY due_at LIMIT {TOGETHER} {}",
        writing.dialect().skip_locked()
    );
    sqlx::query(AssertSqlSafe(sql)).bind(writing.now).fetch_all(&mut *writing.connection).await
}

/// Makes such an event wait: for its backoff after a lease, and no longer after a wait.
async fn end(writing: &mut Writing<'_>, row: &AnyRow, judge: &Judge, leased: &mut Leased) -> Result<(), sqlx::Error> {
    let (id, fence, due_at): (i64, i64, i64) = (column(row, "id")?, column(row, "fence")?, column(row, "due_at")?);
    let (mut after, mut failure) = (Duration::ZERO, None);
    if column::<i64>(row, "silent")? > 0 {
        let attempt = row::count(row, "attempts")?;
        let held = milliseconds::to_duration(due_at - column::<i64>(row, "tried_at")?).min(judge.policy.longest());
        let failing = milliseconds::to_duration(column(row, "failing_ms")?) + held;
        match judge.failed(HandlerError::retry(LEASE_ENDED), attempt, failing) {
            Verdict::Again { after: backoff, failure: why, .. } => (after, failure) = (backoff, Some(why)),
            verdict => {
                let failure = LEASE_ENDED.to_owned();
                settle::settle(writing, &Settlement { id, fence, verdict }).await?;
                leased.dead.push(GivenUp { id, failure });
                return Ok(());
            }
        }
        leased.ended.push((IdempotencyKey::of(&row::identity(row)?), attempt));
    }
    let sql = "UPDATE events SET queue = 'waiting', due_at = $2, silent = 0, last_failure = COALESCE($3, last_failure) \
               WHERE id = $1";
    let query = sqlx::query(sql).bind(id).bind(due_at.saturating_add(milliseconds::of(after))).bind(failure);
    query.execute(&mut *writing.connection).await.map(drop)
}
