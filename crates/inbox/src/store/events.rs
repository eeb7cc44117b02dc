//! Queries of events, and a person's decisions about them.

use sqlx::AssertSqlSafe;
use sqlx::query::{Query, QueryScalar};
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
        let of_status = status.map_or("1 = 1", of_status);
        let sql = format!("SELECT {} FROM events WHERE {of_status} AND id > $1 {rest}", row::EVENT);
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

    /// Up to `limit` events with numbers below `before` that pass a filter, the newest first: all, or those of one
    /// status.
    pub(crate) async fn matching_events(
        &self,
        status: Option<Status>,
        filter: &EventFilter,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let condition = Condition::of(status, filter);
        let events = if condition.is_grouped { self.in_groups() } else { "events WHERE true".to_owned() };
        // SQLite would take the order of numbers, and go through all events to find the last few.
        let number = if condition.is_sorted { "id + 0" } else { "id" };
        let sql = format!(
            "SELECT {} FROM events WHERE id IN (\
                 SELECT id FROM {events} AND {} AND {number} < {before} ORDER BY {number} DESC LIMIT {limit}) \
             ORDER BY id DESC",
            row::EVENT,
            condition.sql
        );
        if !condition.texts.is_empty() {
            self.describe_older().await?;
        }
        let selected = async {
            let (mut connection, _) = self.pool.read().await?;
            let rows = condition.texts.iter().fold(sqlx::query(AssertSqlSafe(sql)), Query::bind);
            rows.fetch_all(&mut *connection).await?.iter().map(row::event).collect::<Result<_, _>>()
        };
        self.pool.in_time(async { selected.await.map_err(|error| self.pool.failed(error)) }).await
    }

    /// The event of this webhook id.
    pub(crate) async fn event_named(&self, webhook_id: &str) -> Result<Option<Event>, StoreError> {
        self.describe_older().await?;
        let found = async {
            let (mut connection, _) = self.pool.read().await?;
            let sql = format!("SELECT {} FROM {} AND webhook_id = $1", row::EVENT, self.in_groups());
            let found = sqlx::query(AssertSqlSafe(sql)).bind(webhook_id).fetch_optional(&mut *connection).await?;
            found.map(|row| row::event(&row)).transpose()
        };
        self.pool.in_time(async { found.await.map_err(|error| self.pool.failed(error)) }).await
    }

    /// All events, group by group: so a search uses the indexes of texts, each of which begins with the group.
    fn in_groups(&self) -> String {
        let numbers = self.pool.dialect().numbers_to("(SELECT COALESCE(MAX(id), 0) / 1024 FROM events)");
        format!("{numbers} CROSS JOIN events WHERE id / 1024 = number")
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
        let Condition { sql: condition, texts, .. } = Condition::to_deliver(from, filter);
        let (mut after, mut made) = (0, 0);
        loop {
            let mut writing = self.write_among_others().await.map_err(failed)?;
            let sql = format!(
                "WITH chosen AS MATERIALIZED (\
                     SELECT id FROM events WHERE {condition} AND id > {after} AND id <= {last} \
                     ORDER BY id LIMIT {TOGETHER} {}) \
                 UPDATE events SET {} WHERE id IN (SELECT id FROM chosen) RETURNING id",
                self.pool.dialect().locked(),
                due(writing.now)
            );
            let query = texts.iter().fold(sqlx::query_scalar(AssertSqlSafe(sql)), QueryScalar::bind);
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
        let Condition { sql, texts, .. } = Condition::to_deliver(status, filter);
        if !texts.is_empty() {
            self.describe_older().await?;
        }
        let (mut connection, _) = self.pool.read().await.map_err(failed)?;
        let sql = format!("SELECT COUNT(*) AS events, COALESCE(MAX(id), 0) AS last FROM events WHERE {sql}");
        let query = texts.iter().fold(sqlx::query(AssertSqlSafe(sql)), Query::bind);
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

/// The condition of a status, in the words of a partial index, which SQLite does not find by others.
fn of_status(status: Status) -> &'static str {
    match status {
        Status::Pending => "due_at IS NOT NULL",
        Status::Held => "status IN ('held', 'dead') AND status = 'held'",
        Status::Dead => "status IN ('held', 'dead') AND status = 'dead'",
        Status::Delivered => "status = 'delivered'",
    }
}

/// The condition of a filter.
struct Condition {
    sql: String,
    /// The statement's first values.
    texts: Vec<String>,
    /// True where an index finds its events, and not in the order of their numbers.
    is_sorted: bool,
    /// True where an index of a text finds its events, in each group of them.
    is_grouped: bool,
}

impl Condition {
    fn of(status: Option<Status>, filter: &EventFilter) -> Self {
        let (mut parts, mut texts) = (vec!["1 = 1".to_owned()], Vec::new());
        parts.extend(status.map(|status| of_status(status).to_owned()));
        if let Some(reason) = filter.reason() {
            parts.push(format!("reason = '{}'", reason.as_str()));
        }
        if let Some((since, until)) = filter.span() {
            parts.push(format!("received_at >= {since} AND received_at < {until}"));
        }
        for (name, text) in filter.texts() {
            texts.push(text.to_owned());
            parts.push(format!("{name} = ${}", texts.len()));
        }
        let has_order = matches!(status, Some(Status::Held | Status::Dead));
        let is_found = status == Some(Status::Pending) || filter.span().is_some() || !texts.is_empty();
        let has_text = filter.texts().any(|(name, _)| matches!(name, "auth_open_id" | "reference"));
        Self { sql: parts.join(" AND "), texts, is_sorted: is_found && !has_order, is_grouped: has_text && !has_order }
    }

    /// Those of them that were not purged, of one status.
    fn to_deliver(status: Status, filter: &EventFilter) -> Self {
        let mut condition = Self::of(Some(status), filter);
        condition.sql.push_str(" AND raw IS NOT NULL");
        condition
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::sync::Arc;

    use sqlx::Row as _;
    use weifen_database::Database;
    use weifen_transport::SystemClock;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_search_in_groups_uses_the_index_of_its_text() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Database::sqlite(folder.path().join("inbox.db")), Arc::new(SystemClock)).await;
        let store = store.unwrap();
        let (mut connection, _) = store.pool.read().await.unwrap();
        for text in ["webhook_id", "auth_open_id", "reference"] {
            let sql = format!("EXPLAIN QUERY PLAN SELECT id FROM {} AND {text} = 'a'", store.in_groups());
            let plan = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *connection).await.unwrap();
            let plan: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
            let step = format!("SEARCH events USING COVERING INDEX events_{text} (<expr>=? AND {text}=?)");
            assert!(plan.contains(&step), "{text}: {plan:?}");
        }
    }
}
