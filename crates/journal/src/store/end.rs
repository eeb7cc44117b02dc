//! Ending calls: an end is written by its sender alone, and once.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use weifen_database::Writing;

use super::{Store, json};
use crate::row::{self, Row};
use crate::{Answer, End, Ended, Outcome, Sending};

/// A call that is to be ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) call: Sending,
    pub(crate) end: End,
}

/// An end as a parameter of a statement: digest, outcome, and the answer's status and body.
type Change<'a> = (&'a str, &'static str, Option<u16>, Option<String>);

impl Store {
    /// Writes ends, and what is to be committed with them. `rows` are those of their keys.
    pub(super) async fn end(
        &self,
        writing: &mut Writing<'_>,
        batch: &[&Ending],
        rows: &mut HashMap<String, Row>,
    ) -> Result<Vec<Ended>, sqlx::Error> {
        let (mut changes, mut ended) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for Ending { call, end } in batch {
            let outcome = end.outcome();
            // A restored backup does not know what was begun after it. The vendor has seen it all the same.
            let Some(row) = rows.get_mut(&call.digest) else {
                if outcome != Outcome::Free {
                    tracing::error!(
                        outcome = outcome.as_str(),
                        "the database knows a call no longer that has ended, as after the restore of a backup: a request \
                         that comes again under its key is sent again"
                    );
                }
                ended.push(Ended::Written(end.answer(writing).await?));
                continue;
            };
            match row.ending(&self.sender, call.attempt, outcome, writing.now) {
                row::Ending::Overtaken => ended.push(Ended::Overtaken),
                row::Ending::Written => ended.push(Ended::Written(row.answer.clone())),
                row::Ending::Write => {
                    let answer = end.answer(writing).await?;
                    (row.written, row.answer) = (outcome, answer.clone());
                    let (status, body) = answer.clone().map(|answer| (answer.status, answer.body)).unzip();
                    changes.push((&*call.digest, outcome.as_str(), status, body));
                    ended.push(Ended::Written(answer));
                }
            }
        }
        if !changes.is_empty() {
            self.change(writing, &changes).await?;
        }
        Ok(ended)
    }

    async fn change(&self, writing: &mut Writing<'_>, changes: &[Change<'_>]) -> Result<(), sqlx::Error> {
        let dialect = writing.dialect();
        let records =
            dialect.records(&[("digest", "TEXT"), ("outcome", "TEXT"), ("status", "BIGINT"), ("answer", "TEXT")]);
        let (now, kept_until) = (writing.now, writing.now.saturating_add(self.kept));
        let sql = format!(
            "UPDATE calls SET outcome = record.outcome, ended_at = $2, kept_until = $3, \
                 status = record.status, answer = record.answer \
             FROM {records} WHERE calls.digest = {}",
            dialect.bytes("record.digest")
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(json(&changes)?).bind(now).bind(kept_until);
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

    /// Its answer. What is to be committed with it is written.
    async fn answer(&self, writing: &mut Writing<'_>) -> Result<Option<Answer>, sqlx::Error> {
        Ok(match self {
            Self::Free => None,
            Self::Answered(_, answer) => Some(answer.clone()),
            Self::Finished(finish) => Some(finish.finish(writing).await?),
        })
    }
}
