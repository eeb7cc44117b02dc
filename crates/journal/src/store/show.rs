//! Calls, as they are looked up.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use weifen_database::milliseconds;
use weifen_transport::StoreError;

use super::{ROW, Store, column, row};
use crate::{Call, CallKey, Outcome};

impl Store {
    pub(crate) async fn call(&self, key: &CallKey) -> Result<Option<Call>, StoreError> {
        let condition = format!("digest = {}", self.pool.dialect().bytes("$1"));
        Ok(self.select(|_| condition, &key.digest()).await?.pop())
    }

    pub(crate) async fn calls(
        &self,
        caller: &str,
        outcome: Option<Outcome>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Call>, StoreError> {
        let is_wanted = |now: i64| match outcome {
            None => "true".to_owned(),
            Some(Outcome::Begun) => format!("outcome = 'begun' AND deadline > {now}"),
            Some(Outcome::Unknown) => {
                format!("outcome IN ('begun', 'unknown') AND (outcome = 'unknown' OR deadline <= {now})")
            }
            Some(other) => format!("outcome = '{}'", other.as_str()),
        };
        let condition = |now| {
            let is_wanted = is_wanted(now);
            format!("caller = $1 AND number < {before} AND {is_wanted} ORDER BY number DESC LIMIT {limit}")
        };
        self.select(condition, caller).await
    }

    async fn select(&self, condition: impl FnOnce(i64) -> String, text: &str) -> Result<Vec<Call>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let (mut connection, now) = self.pool.read().await.map_err(failed)?;
        let condition = condition(now);
        let sql = format!(
            "SELECT number, idempotency_key, operation, began_at, ended_at, {ROW} FROM calls WHERE {condition}"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(text);
        let rows = query.fetch_all(&mut *connection).await.map_err(failed)?;
        rows.iter().map(|found| call(found, now)).collect::<Result<_, _>>().map_err(failed)
    }
}

fn call(found: &AnyRow, now: i64) -> Result<Call, sqlx::Error> {
    let row = row(found)?;
    let (outcome, is_kept) = (row.outcome(now), now < row.kept_until);
    Ok(Call {
        number: column(found, "number")?,
        key: column::<Option<String>>(found, "idempotency_key")?.filter(|_| is_kept || outcome == Outcome::Unknown),
        operation: column(found, "operation")?,
        outcome,
        attempt: row.attempt,
        began_at: milliseconds::to_time(column(found, "began_at")?),
        ended_at: column::<Option<i64>>(found, "ended_at")?.map(milliseconds::to_time),
        kept_until: milliseconds::to_time(row.kept_until),
        answer: row.answer.filter(|_| is_kept),
    })
}
