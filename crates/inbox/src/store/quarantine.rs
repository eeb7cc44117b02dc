//! What came in and is no push of ours, or none that can be understood: kept for a person, byte for byte.

use bytes::Bytes;
use sqlx::AssertSqlSafe;
use weifen_fensi::transport::StoreError;

use super::{Store, column, time};
use crate::Quarantined;

/// Something that came in, and why it is no push of ours.
#[derive(Debug)]
pub(crate) struct Stranger {
    pub(crate) raw: Bytes,
    pub(crate) reason: String,
}

impl Store {
    pub(crate) async fn quarantine(&self, batch: &[Stranger]) -> Result<Vec<()>, StoreError> {
        let failed = |error| self.failed(error);
        let mut writing = self.write().await.map_err(failed)?;
        for stranger in batch {
            let sql = "INSERT INTO quarantine (received_at, reason, raw) VALUES ($1, $2, $3)";
            let query = sqlx::query(sql).bind(writing.now).bind(&stranger.reason).bind(stranger.raw.to_vec());
            query.execute(&mut *writing.connection).await.map_err(failed)?;
        }
        writing.commit().await?;
        Ok(vec![(); batch.len()])
    }

    /// Up to `limit` of them with numbers above `after`, in their order.
    pub(crate) async fn quarantined(&self, after: i64, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        self.select_quarantined(after, &format!("ORDER BY id LIMIT {limit}")).await.map_err(|error| self.failed(error))
    }

    /// The newest of them, up to `limit`, in their order.
    pub(crate) async fn newest_quarantined(&self, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        let newest = self.select_quarantined(0, &format!("ORDER BY id DESC LIMIT {limit}")).await;
        let mut quarantined = newest.map_err(|error| self.failed(error))?;
        quarantined.reverse();
        Ok(quarantined)
    }

    async fn select_quarantined(&self, after: i64, rest: &str) -> Result<Vec<Quarantined>, sqlx::Error> {
        let (mut connection, _) = self.read().await?;
        let sql = format!("SELECT id, received_at, reason, raw FROM quarantine WHERE id > $1 {rest}");
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).fetch_all(&mut *connection).await?;
        let read = rows.iter().map(|row| {
            Ok(Quarantined {
                id: column(row, "id")?,
                received_at: time(row, "received_at")?,
                reason: column(row, "reason")?,
                raw: column(row, "raw")?,
            })
        });
        read.collect()
    }
}
