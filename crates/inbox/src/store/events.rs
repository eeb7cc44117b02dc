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
        let failed = |error| self.failed(error);
        let (mut connection, _) = self.read().await.map_err(failed)?;
        // The word stands in the text, so that the index of those that wait for people can be used.
        let of_status = status.map(|status| format!("status = '{status}' AND ")).unwrap_or_default();
        let sql = format!("SELECT {} FROM events WHERE {of_status}id > $1 ORDER BY id LIMIT {limit}", row::EVENT);
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).fetch_all(&mut *connection).await.map_err(failed)?;
        rows.iter().map(row::event).collect::<Result<_, _>>().map_err(failed)
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
