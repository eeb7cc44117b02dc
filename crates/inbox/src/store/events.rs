//! Looking at events, and a person's decisions about them.

use sqlx::AssertSqlSafe;
use weifen_fensi::transport::StoreError;

use super::{Store, row};
use crate::{Event, Status};

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
            .map_err(|error| self.failed(error))
    }

    /// The newest events, up to `limit`, in their order.
    pub(crate) async fn newest_events(&self, status: Option<Status>, limit: u32) -> Result<Vec<Event>, StoreError> {
        let newest = self.select_events(status, 0, &format!("ORDER BY id DESC LIMIT {limit}")).await;
        let mut events = newest.map_err(|error| self.failed(error))?;
        events.reverse();
        Ok(events)
    }

    async fn select_events(&self, status: Option<Status>, after: i64, rest: &str) -> Result<Vec<Event>, sqlx::Error> {
        let (mut connection, _) = self.read().await?;
        // The word stands in the text, so that the index of those that wait for people can be used.
        let of_status = status.map(|status| format!("status = '{status}' AND ")).unwrap_or_default();
        let sql = format!("SELECT {} FROM events WHERE {of_status}id > $1 {rest}", row::EVENT);
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).fetch_all(&mut *connection).await?;
        rows.iter().map(row::event).collect()
    }

    pub(crate) async fn event(&self, id: i64) -> Result<Option<Event>, StoreError> {
        let failed = |error| self.failed(error);
        let (mut connection, _) = self.read().await.map_err(failed)?;
        let sql = format!("SELECT {} FROM events WHERE id = $1", row::EVENT);
        let found = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_optional(&mut *connection).await;
        found.map_err(failed)?.map(|row| row::event(&row)).transpose().map_err(failed)
    }

    /// Makes an event that waits for a person, as `from` says, due now. False where it does not wait so, or a purge has
    /// taken its push away.
    pub(crate) async fn make_due(&self, id: i64, from: Status) -> Result<bool, StoreError> {
        let failed = |error| self.failed(error);
        let mut writing = self.write().await.map_err(failed)?;
        let sql = "UPDATE events SET status = 'pending', due_at = $1, attempts = 0, settled_at = NULL \
                   WHERE id = $2 AND status = $3 AND raw IS NOT NULL";
        let query = sqlx::query(sql).bind(writing.now).bind(id).bind(from.as_str());
        let made = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        writing.commit().await?;
        Ok(made == 1)
    }
}
