//! Queries of events, and a person's decisions about them.

use sqlx::AssertSqlSafe;
use weifen_transport::StoreError;

use super::purge::TOGETHER;
use super::{Store, column, row};
use crate::{Event, EventFilter, Status};

impl Store {
    /// Up to `limit` events with numbers above `after`, in their order.
    pub(crate) async fn events(
        &self,
        status: Option<Status>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.select_events(status, after, &format!("ORDER BY id LIMIT {limit}"))
            .await
            .map_err(|error| self.pool.failed(error))
    }

    /// The newest events, up to `limit`, in their order.
    pub(crate) async fn newest_events(&self, status: Option<Status>, limit: u32) -> Result<Vec<Event>, StoreError> {
        let newest = self.select_events(status, 0, &format!("ORDER BY id DESC LIMIT {limit}")).await;
        let mut events = newest.map_err(|error| self.pool.failed(error))?;
        events.reverse();
        Ok(events)
    }

    async fn select_events(&self, status: Option<Status>, after: i64, rest: &str) -> Result<Vec<Event>, sqlx::Error> {
        let (mut connection, _) = self.pool.read().await?;
        // The status is part of the SQL text, so that the partial index can be used.
        let of_status = status.map(|status| format!("status = '{status}' AND ")).unwrap_or_default();
        let sql = format!("SELECT {} FROM events WHERE {of_status}id > $1 {rest}", row::EVENT);
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).fetch_all(&mut *connection).await?;
        rows.iter().map(row::event).collect()
    }

    pub(crate) async fn event(&self, id: i64) -> Result<Option<Event>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let (mut connection, _) = self.pool.read().await.map_err(failed)?;
        let sql = format!("SELECT {} FROM events WHERE id = $1", row::EVENT);
        let found = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_optional(&mut *connection).await;
        found.map_err(failed)?.map(|row| row::event(&row)).transpose().map_err(failed)
    }

    /// Makes a held or dead event, as `from` says, due now. False where its status differs, or its push was purged.
    pub(crate) async fn make_due(&self, id: i64, from: Status) -> Result<bool, StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        let due = due(writing.now);
        let sql = format!("UPDATE events SET {due} WHERE id = $1 AND status = '{from}' AND raw IS NOT NULL");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(id);
        let made = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        writing.commit().await?;
        Ok(made == 1)
    }

    /// Number of held or dead events, as `status` says, that pass a filter.
    pub(crate) async fn count_matching(&self, status: Status, filter: &EventFilter) -> Result<u64, StoreError> {
        Ok(self.matching(status, filter).await?.0)
    }

    /// Makes those due now, and returns their number. Each once: an event that is given up again meanwhile stays so.
    pub(crate) async fn make_matching_due(&self, from: Status, filter: &EventFilter) -> Result<u64, StoreError> {
        let failed = |error| self.pool.failed(error);
        let (_, last) = self.matching(from, filter).await?;
        let (mut after, mut made) = (0, 0);
        loop {
            let mut writing = self.write_among_others().await.map_err(failed)?;
            let sql = format!(
                "WITH chosen AS MATERIALIZED (\
                     SELECT id FROM events WHERE {} AND id > $2 AND id <= $3 ORDER BY id LIMIT {TOGETHER} {}) \
                 UPDATE events SET {} WHERE id IN (SELECT id FROM chosen) RETURNING id",
                condition(from, filter),
                self.pool.dialect().locked(),
                due(writing.now)
            );
            let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(filter.device_or_empty()).bind(after).bind(last);
            let ids: Vec<i64> = query.fetch_all(&mut *writing.connection).await.map_err(failed)?;
            writing.commit().await?;
            let Some(highest) = ids.iter().max() else { return Ok(made) };
            after = *highest;
            made += ids.len() as u64;
        }
    }

    /// Number of those events, and the highest of their ids.
    async fn matching(&self, status: Status, filter: &EventFilter) -> Result<(u64, i64), StoreError> {
        let failed = |error| self.pool.failed(error);
        if !filter.device_or_empty().is_empty() {
            self.note_devices(status).await?;
        }
        let (mut connection, _) = self.pool.read().await.map_err(failed)?;
        let condition = condition(status, filter);
        let sql = format!("SELECT COUNT(*) AS events, COALESCE(MAX(id), 0) AS last FROM events WHERE {condition}");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(filter.device_or_empty());
        let row = query.fetch_one(&mut *connection).await.map_err(failed)?;
        Ok((row::count(&row, "events").map_err(failed)?, column(&row, "last").map_err(failed)?))
    }
}

/// The SET clause that makes an event due now, with its attempts counted anew, behind new events.
fn due(now: i64) -> String {
    format!(
        "status = 'pending', queue = 'waiting', due_at = {now}, waits_since = {now}, attempts = 0, silent = 0, \
         settled_at = NULL"
    )
}

/// The condition of a filter. Its device is the statement's first value.
fn condition(status: Status, filter: &EventFilter) -> String {
    let (since, until) = filter.span();
    let of_reason = filter.reason().map(|reason| format!(" AND reason = '{}'", reason.as_str())).unwrap_or_default();
    format!(
        "status = '{status}' AND raw IS NOT NULL AND received_at >= {since} AND received_at < {until}{of_reason} \
         AND ($1 = '' OR device_key = $1)"
    )
}
