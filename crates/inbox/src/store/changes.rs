//! What has lately come in or been settled, for those who follow the events.

use sqlx::AssertSqlSafe;
use weifen_transport::StoreError;

use super::{Store, column, json, row};
use crate::Event;

/// Events since a moment.
#[derive(Debug, Default)]
pub(crate) struct Lately {
    /// Numbers of events, in their order.
    pub(crate) received: Vec<i64>,
    /// The times at which events were settled, in milliseconds since 1970, in their order, with the events' numbers.
    pub(crate) settled: Vec<(i64, i64)>,
}

impl Store {
    /// The number of the newest event, and the database's time.
    pub(crate) async fn newest(&self) -> Result<(i64, i64), StoreError> {
        let newest = async {
            let (mut connection, now) = self.pool.read().await?;
            let row =
                sqlx::query("SELECT COALESCE(MAX(id), 0) AS newest FROM events").fetch_one(&mut *connection).await?;
            Ok((column(&row, "newest")?, now))
        };
        newest.await.map_err(|error| self.pool.failed(error))
    }

    /// Events with numbers above `after`, and those that were settled at `since` or later; and the database's time.
    pub(crate) async fn lately(&self, after: i64, since: i64) -> Result<(Lately, i64), StoreError> {
        let lately = async {
            let (mut connection, now) = self.pool.read().await?;
            let sql = "SELECT id, CAST(NULL AS BIGINT) AS settled_at FROM events WHERE id > $1 \
                       UNION ALL SELECT id, settled_at FROM events WHERE settled_at >= $2 ORDER BY settled_at, id";
            let rows = sqlx::query(sql).bind(after).bind(since).fetch_all(&mut *connection).await?;
            let mut lately = Lately::default();
            for row in &rows {
                let id = column(row, "id")?;
                match column(row, "settled_at")? {
                    Some(settled_at) => lately.settled.push((settled_at, id)),
                    None => lately.received.push(id),
                }
            }
            Ok((lately, now))
        };
        lately.await.map_err(|error| self.pool.failed(error))
    }

    /// The events of these numbers, in no order.
    pub(crate) async fn events_numbered(&self, ids: &[i64]) -> Result<Vec<Event>, StoreError> {
        let found = async {
            let (mut connection, _) = self.pool.read().await?;
            let sql = format!(
                "SELECT {} FROM events WHERE id IN (SELECT CAST(value AS BIGINT) FROM ({}) AS numbers)",
                row::EVENT,
                self.pool.dialect().texts()
            );
            let query = sqlx::query(AssertSqlSafe(sql)).bind(json(&ids)?);
            query.fetch_all(&mut *connection).await?.iter().map(row::event).collect::<Result<_, _>>()
        };
        found.await.map_err(|error| self.pool.failed(error))
    }
}
