//! Claims events for delivery: each for the length of a lease, under a fencing number that the next claim will exceed.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_database::{Writing, milliseconds};
use weifen_transport::StoreError;

use super::settle::{self, Settlement, Verdict};
use super::{Store, column, row, time};
use crate::{DispatchPolicy, FollowEvent, IdempotencyKey};

/// The queues of pending events. Each has an index that finds its next events, however many of the others are due.
pub(super) const NEW: &str = "due_at IS NOT NULL AND queue = 'new'";
pub(super) const WAITING: &str = "due_at IS NOT NULL AND queue = 'waiting'";
pub(super) const KEPT: &str = "due_at IS NOT NULL AND queue = 'kept'";

/// Number of events that there are workers for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) all: u32,
    /// Number of them that may be other than new.
    pub(crate) again: u32,
    /// Number of those that may be claimed before they are due.
    pub(crate) early: u32,
}

/// An event that a worker may deliver until its lease is over.
#[derive(Debug)]
pub(crate) struct ClaimedEvent {
    pub(crate) id: i64,
    pub(crate) fence: i64,
    pub(crate) key: IdempotencyKey,
    pub(crate) event: FollowEvent,
    /// True where it is not new: it was handed out before, released or redriven.
    pub(crate) is_again: bool,
    /// Time for which it has failed before this attempt.
    pub(crate) failing: Duration,
}

/// An event that was given up without another attempt.
#[derive(Debug)]
pub(crate) struct GivenUp {
    pub(crate) id: i64,
    pub(crate) failure: String,
}

/// Events that were claimed, and the time until the next claim.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub(crate) events: Vec<ClaimedEvent>,
    /// Number of early claims that are used up: they were made, or nothing waits.
    pub(crate) early: u32,
    /// Events that were given up: their workers never reported an outcome, or the row can't be read.
    pub(crate) dead: Vec<GivenUp>,
    /// Time until an event is due for which there is room; `None` where none is pending.
    pub(crate) next_in: Option<Duration>,
}

/// Due times of the next event of each queue; `None` where there is none.
pub(super) struct Next {
    now: i64,
    pub(super) new: Option<i64>,
    pub(super) waiting: Option<i64>,
    pub(super) kept: Option<i64>,
}

impl Next {
    pub(super) fn is_due(&self, at: Option<i64>) -> bool {
        at.is_some_and(|at| at <= self.now)
    }

    fn wait(&self, room: Room) -> Option<Duration> {
        if self.new.is_some() || (room.early > 0 && self.waiting.is_some()) {
            return Some(Duration::ZERO);
        }
        let again = if room.again == 0 { None } else { self.waiting.into_iter().chain(self.kept).min() };
        again.map(|at| milliseconds::to_duration(at.saturating_sub(self.now)))
    }
}

impl Store {
    /// Claims due events, as many as there is room for.
    pub(crate) async fn claim(&self, room: Room, policy: &DispatchPolicy) -> Result<Claims, StoreError> {
        let failed = |error| self.pool.failed(error);
        let next = self.next().await.map_err(failed)?;
        let mut claims = Claims { next_in: next.wait(room), ..Claims::default() };
        if next.waiting.is_none() {
            claims.early = room.early;
        }
        if claims.next_in.is_none_or(|wait| !wait.is_zero()) {
            return Ok(claims);
        }
        let mut writing = self.pool.write().await.map_err(failed)?;
        let mut again = Vec::new();
        for (queue, is_due) in [(KEPT, next.is_due(next.kept)), (WAITING, next.is_due(next.waiting))] {
            if is_due {
                let which = format!("{queue} AND due_at <= $1 ORDER BY due_at");
                let taken = take(&mut writing, &which, left(room.again, &again), policy.lease, policy).await;
                again.extend(taken.map_err(failed)?);
            }
        }
        let early = left(room.again, &again).min(room.early);
        if next.waiting.is_some() && early > 0 {
            let taken = take(&mut writing, &format!("{WAITING} ORDER BY due_at"), early, policy.lease, policy).await;
            let taken = taken.map_err(failed)?;
            claims.early = if count(&taken) < early { room.early } else { early };
            again.extend(taken);
        }
        let new = format!("{NEW} ORDER BY id");
        let new = take(&mut writing, &new, left(room.all, &again), policy.lease, policy).await.map_err(failed)?;
        (claims.events, claims.dead) = read(&mut writing, &again, &new, policy).await.map_err(failed)?;
        writing.commit().await?;
        Ok(claims)
    }

    pub(super) async fn next(&self) -> Result<Next, sqlx::Error> {
        let (mut connection, now) = self.pool.read().await?;
        let sql = format!(
            "SELECT (SELECT MIN(id) FROM events WHERE {NEW}) AS fresh, \
                 (SELECT MIN(due_at) FROM events WHERE {WAITING}) AS waiting, \
                 (SELECT MIN(due_at) FROM events WHERE {KEPT}) AS kept"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
        Ok(Next { now, new: column(&row, "fresh")?, waiting: column(&row, "waiting")?, kept: column(&row, "kept")? })
    }
}

fn count(rows: &[AnyRow]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

pub(super) fn left(room: u32, taken: &[AnyRow]) -> u32 {
    room.saturating_sub(count(taken))
}

/// Claims up to `limit` of those events, in their order.
///
/// The failing time of an event grows by the time since its last claim, but by its longest backoff at most: neither a
/// server that is off nor a clock that leaps makes it die.
pub(super) async fn take(
    writing: &mut Writing<'_>,
    which: &str,
    limit: u32,
    lease: Duration,
    policy: &DispatchPolicy,
) -> Result<Vec<AnyRow>, sqlx::Error> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    // Materialized: PostgreSQL may otherwise run the selection more than once, and claim more each time.
    let sql = format!(
        "WITH taken AS MATERIALIZED (SELECT id FROM events WHERE {which} LIMIT $2 {}) \
         UPDATE events SET fence = fence + 1, attempts = attempts + 1, queue = 'kept', due_at = $1 + $3, \
             silent = silent + 1, tried_at = $1, \
             failing_ms = CASE WHEN attempts = 0 THEN 0 \
                 WHEN tried_at < $1 - $4 THEN failing_ms + $4 \
                 WHEN tried_at < $1 THEN failing_ms + $1 - tried_at \
                 ELSE failing_ms END \
         WHERE id IN (SELECT id FROM taken) \
         RETURNING id, fence, follow, slot, attempts, received_at, raw, booking, silent, failing_ms",
        writing.dialect().skip_locked()
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(writing.now)
        .bind(i64::from(limit))
        .bind(milliseconds::of(lease))
        .bind(milliseconds::of(policy.longest()));
    query.fetch_all(&mut *writing.connection).await
}

/// Reads claimed rows, repeats and new ones, and gives up those that can't be delivered.
pub(super) async fn read(
    writing: &mut Writing<'_>,
    again: &[AnyRow],
    new: &[AnyRow],
    policy: &DispatchPolicy,
) -> Result<(Vec<ClaimedEvent>, Vec<GivenUp>), sqlx::Error> {
    let (mut events, mut dead) = (Vec::new(), Vec::new());
    for (row, is_again) in again.iter().map(|row| (row, true)).chain(new.iter().map(|row| (row, false))) {
        let verdict = match claimed_event(row, is_again) {
            Ok(claimed) if has_used_up(row, &claimed, policy)? => Verdict::UsedUp,
            Ok(claimed) => {
                events.push(claimed);
                continue;
            }
            // A row that this version can't read must not keep the others from being delivered.
            Err(error) => Verdict::Dead { failure: format!("the push cannot be read: {error}") },
        };
        dead.push(give_up(writing, row, verdict).await?);
    }
    Ok((events, dead))
}

pub(super) fn claimed_event(row: &AnyRow, is_again: bool) -> Result<ClaimedEvent, sqlx::Error> {
    let push = row::push(row)?.ok_or_else(|| row::alien("raw"))?;
    let (tells_booking, booking) = row::booking(row)?;
    Ok(ClaimedEvent {
        id: column(row, "id")?,
        fence: column(row, "fence")?,
        key: IdempotencyKey::of(&row::identity(row)?),
        event: FollowEvent {
            push,
            received_at: time(row, "received_at")?,
            attempt: row::count(row, "attempts")?,
            booking,
            tells_booking,
        },
        is_again,
        failing: milliseconds::to_duration(column(row, "failing_ms")?),
    })
}

/// Returns true where its attempts were used up before this one. Time counts only if the last attempt ended without an
/// outcome: otherwise the event was judged when it failed.
fn has_used_up(row: &AnyRow, claimed: &ClaimedEvent, policy: &DispatchPolicy) -> Result<bool, sqlx::Error> {
    let was_silent = column::<i64>(row, "silent")? > 1;
    let failing = if was_silent { claimed.failing } else { Duration::ZERO };
    Ok(policy.gives_up(claimed.event.attempt - 1, failing))
}

async fn give_up(writing: &mut Writing<'_>, row: &AnyRow, verdict: Verdict) -> Result<GivenUp, sqlx::Error> {
    let id = column(row, "id")?;
    let failure = verdict.failure().unwrap_or_default().to_owned();
    settle::settle(writing, &Settlement { id, fence: column(row, "fence")?, verdict }).await?;
    Ok(GivenUp { id, failure })
}
