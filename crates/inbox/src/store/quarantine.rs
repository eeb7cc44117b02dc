//! What came in and is no push of ours, or none that can be understood: kept for a person, byte for byte.

use sqlx::AssertSqlSafe;
use weifen_fensi::transport::StoreError;

use super::{Store, column, time};
use crate::Quarantined;

impl Store {
    pub(crate) async fn quarantine(&self, raw: &[u8], reason: &str) -> Result<(), StoreError> {
        let failed = |error| self.failed(error);
        let mut writing = self.write().await.map_err(failed)?;
        let sql = "INSERT INTO quarantine (received_at, reason, raw) VALUES ($1, $2, $3)";
        let query = sqlx::query(sql).bind(writing.now).bind(reason).bind(raw.to_vec());
        query.execute(&mut *writing.connection).await.map_err(failed)?;
        writing.commit().await
    }

    /// Up to `limit` of them with numbers above `after`, in their order.
    pub(crate) async fn quarantined(&self, after: i64, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        let failed = |error| self.failed(error);
        let (mut connection, _) = self.read().await.map_err(failed)?;
        let sql =
            format!("SELECT id, received_at, reason, raw FROM quarantine WHERE id > $1 ORDER BY id LIMIT {limit}");
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).fetch_all(&mut *connection).await.map_err(failed)?;
        let read = rows.iter().map(|row| {
            Ok(Quarantined {
                id: column(row, "id")?,
                received_at: time(row, "received_at")?,
                reason: column(row, "reason")?,
                raw: column(row, "raw")?,
            })
        });
        read.collect::<Result<_, _>>().map_err(failed)
    }
}
