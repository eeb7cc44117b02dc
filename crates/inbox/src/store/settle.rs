//! Outcomes of claims. A worker whose lease was overtaken changes nothing and learns of it.

use std::time::Duration;

use weifen_database::{Writing, milliseconds};
use weifen_transport::StoreError;

use super::Store;
use crate::Status;

/// Failure text of an event whose workers never reported an outcome.
const NO_WORD: &str = "the attempts are used up, and the last one reported no outcome";

/// Names of the queues of an event that is due again.
const WAITING: &str = "waiting";
const KEPT: &str = "kept";

/// The outcome of a claim.
#[derive(Debug, Clone)]
pub(crate) struct Settlement {
    pub(crate) id: i64,
    pub(crate) fence: i64,
    pub(crate) verdict: Verdict,
}

#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    /// Its handler took it.
    Delivered,
    /// It failed and is retried: not before `after` if its receiver asked for that (`is_asked`).
    Again { after: Duration, failure: String, is_asked: bool },
    /// It is handed out again, and this attempt does not count.
    Returned { after: Duration, failure: Option<String> },
    /// It is given up.
    Dead { failure: String },
    /// It is given up without this attempt: its attempts were used up before.
    UsedUp,
}

impl Verdict {
    pub(super) fn failure(&self) -> Option<&str> {
        match self {
            Self::Delivered => None,
            Self::Returned { failure, .. } => failure.as_deref(),
            Self::Again { failure, .. } | Self::Dead { failure } => Some(failure),
            Self::UsedUp => Some(NO_WORD),
        }
    }
}

impl Store {
    /// Writes outcomes of claims; returns for each whether the worker still held the lease.
    pub(crate) async fn settle(&self, batch: &[Settlement]) -> Result<Vec<bool>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        let mut was_its_own = Vec::with_capacity(batch.len());
        for settlement in batch {
            was_its_own.push(settle(&mut writing, settlement).await.map_err(failed)?);
        }
        writing.commit().await?;
        Ok(was_its_own)
    }
}

pub(super) async fn settle(writing: &mut Writing<'_>, settlement: &Settlement) -> Result<bool, sqlx::Error> {
    let now = writing.now;
    let later = |after: Duration| Some(now.saturating_add(milliseconds::of(after)));
    let (status, due_at, queue, uncounted) = match &settlement.verdict {
        Verdict::Delivered => (Status::Delivered, None, WAITING, 0_i64),
        Verdict::Again { after, is_asked: false, .. } => (Status::Pending, later(*after), WAITING, 0),
        Verdict::Again { after, is_asked: true, .. } => (Status::Pending, later(*after), KEPT, 0),
        Verdict::Returned { after, .. } => (Status::Pending, later(*after), WAITING, 1),
        Verdict::Dead { .. } => (Status::Dead, None, WAITING, 0),
        Verdict::UsedUp => (Status::Dead, None, WAITING, 1),
    };
    // With a new fence: an outcome that is written twice, as after a commit whose answer was lost, counts once.
    let sql = "UPDATE events SET status = $1, due_at = $2, settled_at = $3, queue = $8, fence = fence + 1, silent = 0, \
                   attempts = attempts - $4, last_failure = COALESCE($5, last_failure) \
               WHERE id = $6 AND fence = $7 AND status = 'pending'";
    let query = sqlx::query(sql)
        .bind(status.as_str())
        .bind(due_at)
        .bind(due_at.is_none().then_some(now))
        .bind(uncounted)
        .bind(settlement.verdict.failure())
        .bind(settlement.id)
        .bind(settlement.fence)
        .bind(queue);
    Ok(query.execute(&mut *writing.connection).await?.rows_affected() == 1)
}
