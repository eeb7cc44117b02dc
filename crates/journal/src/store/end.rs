//! Ending calls: an end is written by its sender alone, and once.

use sqlx::AssertSqlSafe;
use weifen_database::Writing;

use super::{Store, json};
use crate::row;
use crate::{Answer, End, Ended, Finish, Outcome, Sending};

/// A call that is to be ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) call: Sending,
    pub(crate) end: End,
}

/// An end as a parameter of a statement: digest, attempt, outcome, and the answer's status and body.
type Change<'a> = (&'a str, i64, &'static str, Option<u16>, Option<&'a str>);

impl Store {
    /// Writes ends of calls that are begun and not past their deadline, without reading a row. Returns `None` where a
    /// call is not, or has something to be committed with it: some ends may be written then, and [`end`](Self::end)
    /// returns these as written.
    pub(super) async fn end_in_time(
        &self,
        writing: &mut Writing<'_>,
        batch: &[&Ending],
    ) -> Result<Option<Vec<Ended>>, sqlx::Error> {
        let Ok(answers) = batch.iter().map(|ending| ending.end.known()).collect::<Result<Vec<_>, _>>() else {
            return Ok(None);
        };
        let ends: Vec<_> = batch.iter().zip(&answers).map(|(ending, answer)| change(ending, *answer)).collect();
        let written = self.change(writing, ends, "AND calls.outcome = 'begun' AND calls.deadline > $2").await?;
        let are_written = usize::try_from(written) == Ok(batch.len());
        Ok(are_written.then(|| answers.into_iter().map(|answer| Ended::Written(answer.cloned())).collect()))
    }

    /// Writes ends, and what is to be committed with them.
    pub(super) async fn end(&self, writing: &mut Writing<'_>, batch: &[&Ending]) -> Result<Vec<Ended>, sqlx::Error> {
        let mut rows = self.locked(writing, batch.iter().map(|ending| &*ending.call.digest)).await?;
        let (mut answers, mut ended) = (Vec::new(), Vec::with_capacity(batch.len()));
        for ending in batch {
            let Ending { call, end } = ending;
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
                    answers.push((ending, answer.clone()));
                    ended.push(Ended::Written(answer));
                }
            }
        }
        let ends: Vec<_> = answers.iter().map(|(ending, answer)| change(ending, answer.as_ref())).collect();
        self.change(writing, ends, "").await?;
        Ok(ended)
    }

    /// Changes the rows of these calls that are its own, as far as they meet a further `condition`; returns their
    /// number.
    async fn change(
        &self,
        writing: &mut Writing<'_>,
        mut ends: Vec<Change<'_>>,
        condition: &str,
    ) -> Result<u64, sqlx::Error> {
        if ends.is_empty() {
            return Ok(0);
        }
        // Locked in one order, as wherever rows are locked.
        ends.sort_unstable();
        let dialect = writing.dialect();
        let records = dialect.records(&[
            ("digest", "TEXT"),
            ("attempt", "BIGINT"),
            ("outcome", "TEXT"),
            ("status", "BIGINT"),
            ("answer", "TEXT"),
        ]);
        let sql = format!(
            "UPDATE calls SET outcome = record.outcome, ended_at = $2, status = record.status, answer = record.answer \
             FROM {records} WHERE calls.digest = {} AND calls.sender = $3 AND calls.attempt = record.attempt {condition}",
            dialect.bytes("record.digest")
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(json(&ends)?).bind(writing.now).bind(&*self.sender);
        Ok(query.execute(&mut *writing.connection).await?.rows_affected())
    }
}

fn change<'a>(ending: &'a Ending, answer: Option<&'a Answer>) -> Change<'a> {
    let (status, body) = answer.map(|answer| (answer.status, &*answer.body)).unzip();
    (&ending.call.digest, ending.call.attempt, ending.end.outcome().as_str(), status, body)
}

impl End {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Free => Outcome::Free,
            Self::Answered(outcome, _) => *outcome,
            Self::Finished(_) => Outcome::Done,
        }
    }

    /// Its answer, or what knows it once it is written.
    fn known(&self) -> Result<Option<&Answer>, &dyn Finish> {
        match self {
            Self::Free => Ok(None),
            Self::Answered(_, answer) => Ok(Some(answer)),
            Self::Finished(finish) => Err(&**finish),
        }
    }

    /// Its answer. What is to be committed with it is written.
    async fn answer(&self, writing: &mut Writing<'_>) -> Result<Option<Answer>, sqlx::Error> {
        match self.known() {
            Ok(answer) => Ok(answer.cloned()),
            Err(finish) => finish.finish(writing).await.map(Some),
        }
    }
}
