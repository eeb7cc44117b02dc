//! Ending calls: an end is written by its sender alone, and once.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::AssertSqlSafe;
use weifen_database::Writing;
use weifen_transport::StoreError;

use super::{Store, json};
use crate::row::{self, Row};
use crate::{Answer, End, Outcome, Sending};

/// A call that is to be ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) call: Sending,
    pub(crate) end: End,
}

/// The answer that a call has now.
#[derive(Debug)]
pub(crate) struct Ended(pub(crate) Option<Answer>);

/// An end as a parameter of a statement.
#[derive(Serialize)]
struct Change<'a> {
    digest: &'a str,
    outcome: &'static str,
    status: Option<u16>,
    answer: Option<String>,
}

impl Store {
    /// Writes ends, and what is to be committed with them.
    pub(crate) async fn end(&self, batch: &[Ending]) -> Result<Vec<Ended>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        let ended = self.end_in(&mut writing, batch).await.map_err(failed)?;
        writing.commit().await?;
        Ok(ended)
    }

    async fn end_in(&self, writing: &mut Writing<'_>, batch: &[Ending]) -> Result<Vec<Ended>, sqlx::Error> {
        let digests: Vec<&str> = batch.iter().map(|ending| &*ending.call.digest).collect();
        let mut rows: HashMap<String, Row> = self.locked(writing, &digests).await?.into_iter().collect();
        let (mut changes, mut ended) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for Ending { call, end } in batch {
            // A restored backup does not know what was begun after it.
            let Some(row) = rows.get_mut(&call.digest) else {
                ended.push(Ended(None));
                continue;
            };
            let outcome = end.outcome();
            match row.ending(&self.sender, call.attempt, outcome, writing.now) {
                row::Ending::Overtaken => ended.push(Ended(None)),
                row::Ending::Written => ended.push(Ended(row.answer.clone())),
                row::Ending::Write => {
                    let answer = match end {
                        End::Free => None,
                        End::Answered(_, answer) => Some(answer.clone()),
                        End::Finished(finish) => Some(finish.finish(writing).await?),
                    };
                    (row.written, row.answer) = (outcome, answer.clone());
                    let (status, body) = answer.clone().map(|answer| (answer.status, answer.body)).unzip();
                    changes.push(Change { digest: &call.digest, outcome: outcome.as_str(), status, answer: body });
                    ended.push(Ended(answer));
                }
            }
        }
        self.change(writing, &changes).await?;
        Ok(ended)
    }

    async fn change(&self, writing: &mut Writing<'_>, changes: &[Change<'_>]) -> Result<(), sqlx::Error> {
        let dialect = writing.dialect();
        let records =
            dialect.records(&[("digest", "TEXT"), ("outcome", "TEXT"), ("status", "BIGINT"), ("answer", "TEXT")]);
        let (now, kept_until) = (writing.now, writing.now.saturating_add(self.kept));
        let sql = format!(
            "UPDATE calls SET outcome = record.outcome, ended_at = {now}, kept_until = {kept_until}, \
                 status = record.status, answer = record.answer \
             FROM {records} WHERE calls.digest = {}",
            dialect.bytes("record.digest")
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(json(&changes)?);
        query.execute(&mut *writing.connection).await.map(drop)
    }
}

impl End {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Free => Outcome::Free,
            Self::Answered(outcome, _) => *outcome,
            Self::Finished(_) => Outcome::Done,
        }
    }
}
