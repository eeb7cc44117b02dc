//! What consumers say of the events that they have claimed. A lease that was overtaken changes nothing.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_database::{Writing, milliseconds};
use weifen_transport::StoreError;

use super::claim::claimed_event;
use super::row::{count, identity};
use super::settle::{self, Settlement, Verdict};
use super::{Store, column};
use crate::dispatcher::Judge;
use crate::pull::Lease;
use crate::{AckOutcome, HandlerError, IdempotencyKey, Status};

/// An acknowledgement by the holder of a lease.
#[derive(Debug, Clone)]
pub(crate) struct Acknowledgement {
    pub(crate) id: i64,
    pub(crate) lease: Lease,
    pub(crate) outcome: AckOutcome,
}

/// What has become of it.
#[derive(Debug, Clone)]
pub(crate) enum Acknowledged {
    /// It has ended its attempt.
    Settled { attempt: Attempt, verdict: Verdict },
    /// Its lease lasts longer.
    Extended,
    /// It was said before.
    Repeated,
    /// The lease had ended otherwise, and nothing is changed.
    Overtaken,
    /// There is no such event.
    Unknown,
}

/// An attempt that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) key: IdempotencyKey,
    pub(crate) number: u32,
    pub(crate) took: Duration,
    pub(crate) bid_differs: bool,
}

impl Store {
    /// Writes acknowledgements, in their order for each event; returns what has become of each.
    pub(crate) async fn acknowledge(
        &self,
        batch: &[Acknowledgement],
        judge: &Judge,
    ) -> Result<Vec<Acknowledged>, StoreError> {
        let failed = |error| self.pool.failed(error);
        // All writers lock rows in one order.
        let mut order: Vec<usize> = (0..batch.len()).collect();
        order.sort_by_key(|at| batch[*at].id);
        let mut writing = self.pool.write().await.map_err(failed)?;
        let mut results = vec![Acknowledged::Overtaken; batch.len()];
        for at in order {
            results[at] = acknowledge(&mut writing, &batch[at], judge).await.map_err(failed)?;
        }
        writing.commit().await?;
        Ok(results)
    }
}

async fn acknowledge(
    writing: &mut Writing<'_>,
    ack: &Acknowledgement,
    judge: &Judge,
) -> Result<Acknowledged, sqlx::Error> {
    let sql = format!(
        "SELECT id, follow, slot, status, fence, attempts, received_at, raw, booking, tried_at, failing_ms, nacks \
         FROM events WHERE id = $1 {}",
        writing.dialect().locked()
    );
    let found = sqlx::query(AssertSqlSafe(sql)).bind(ack.id).fetch_optional(&mut *writing.connection).await?;
    let Some(row) = found else { return Ok(Acknowledged::Unknown) };
    if !is_held(&row, ack.lease)? {
        return Ok(if is_repeated(&row, ack)? { Acknowledged::Repeated } else { Acknowledged::Overtaken });
    }
    match &ack.outcome {
        AckOutcome::Extend(by) => {
            let sql = "UPDATE events SET queue = 'kept', due_at = $2, silent = 1 WHERE id = $1";
            let due_at = writing.now.saturating_add(milliseconds::of(*by));
            sqlx::query(sql).bind(ack.id).bind(due_at).execute(&mut *writing.connection).await?;
            Ok(Acknowledged::Extended)
        }
        AckOutcome::Taken => settled(writing, &row, ack, Verdict::Delivered).await,
        AckOutcome::NotTaken(error) => {
            let verdict = failed(&row, writing.now, error.clone(), judge)?;
            let sql = "UPDATE events SET nacks = COALESCE(nacks || ' ', '') || $2 WHERE id = $1";
            let query = sqlx::query(sql).bind(ack.id).bind(ack.lease.to_string());
            query.execute(&mut *writing.connection).await?;
            settled(writing, &row, ack, verdict).await
        }
    }
}

fn is_held(row: &AnyRow, lease: Lease) -> Result<bool, sqlx::Error> {
    let status: String = column(row, "status")?;
    Ok(status == Status::Pending.as_str() && lease_of(row, 0)? == Some(lease))
}

/// Returns true where an acknowledgement of this lease has said the same before.
fn is_repeated(row: &AnyRow, ack: &Acknowledgement) -> Result<bool, sqlx::Error> {
    match &ack.outcome {
        AckOutcome::Taken => {
            let status: String = column(row, "status")?;
            // Nothing claims an event that is delivered: its fencing number is that of its last outcome.
            Ok(status == Status::Delivered.as_str() && lease_of(row, 1)? == Some(ack.lease))
        }
        AckOutcome::NotTaken(_) => {
            let nacks: Option<String> = column(row, "nacks")?;
            let lease = ack.lease.to_string();
            Ok(nacks.is_some_and(|nacks| nacks.split(' ').any(|known| known == lease)))
        }
        AckOutcome::Extend(_) => Ok(false),
    }
}

/// The lease of the last claim, after which there were so many outcomes.
fn lease_of(row: &AnyRow, outcomes: i64) -> Result<Option<Lease>, sqlx::Error> {
    let fence = column::<i64>(row, "fence")? - outcomes;
    Ok(column::<Option<i64>>(row, "tried_at")?.map(|claimed_at| Lease { fence, claimed_at }))
}

/// Time since the claim. A clock that was set back meanwhile counts as none.
fn took(row: &AnyRow, now: i64) -> Result<Duration, sqlx::Error> {
    Ok(milliseconds::to_duration(now.saturating_sub(column::<Option<i64>>(row, "tried_at")?.unwrap_or(now))))
}

fn failed(row: &AnyRow, now: i64, error: HandlerError, judge: &Judge) -> Result<Verdict, sqlx::Error> {
    let before = milliseconds::to_duration(column(row, "failing_ms")?);
    Ok(judge.failed(error, count(row, "attempts")?, before + took(row, now)?.min(judge.policy.longest())))
}

async fn settled(
    writing: &mut Writing<'_>,
    row: &AnyRow,
    ack: &Acknowledgement,
    verdict: Verdict,
) -> Result<Acknowledged, sqlx::Error> {
    let settlement = Settlement { id: ack.id, fence: ack.lease.fence, verdict };
    settle::settle(writing, &settlement).await?;
    let attempt = Attempt {
        key: IdempotencyKey::of(&identity(row)?),
        number: count(row, "attempts")?,
        took: took(row, writing.now)?,
        bid_differs: claimed_event(row, false).is_ok_and(|claimed| claimed.event.bid_differs()),
    };
    Ok(Acknowledged::Settled { attempt, verdict: settlement.verdict })
}
