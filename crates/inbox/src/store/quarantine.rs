//! The quarantine: requests that are no push of ours, or can't be understood, kept for a person, byte for byte.

use std::time::SystemTime;

use sqlx::AssertSqlSafe;
use weifen_database::milliseconds;
use weifen_transport::StoreError;

use super::{Store, column, row, time};
use crate::Quarantined;
use crate::identity::random_id;
use crate::packet::Document;

/// Number of bytes of bodies in one page.
const LONGEST_PAGE: u64 = 4 << 20;

/// A request to quarantine, and the reason.
#[derive(Debug)]
pub(crate) struct Stranger {
    document: Document,
    reason: String,
    /// Its unique name, so that a retry stores it only once.
    arrival: String,
}

impl Stranger {
    pub(crate) fn new(document: Document, reason: String) -> Self {
        Self { document, reason, arrival: random_id() }
    }
}

/// Filter of quarantined requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuarantineFilter {
    /// The one of this number.
    Id(i64),
    /// All that came in within a span of time.
    Received {
        /// Its inclusive start.
        since: SystemTime,
        /// Its exclusive end; `None` is now.
        until: Option<SystemTime>,
    },
}

impl QuarantineFilter {
    fn condition(self) -> String {
        match self {
            Self::Id(id) => format!("id = {id}"),
            Self::Received { since, until } => format!(
                "received_at >= {} AND received_at < {}",
                milliseconds::since_1970(since),
                until.map_or(i64::MAX, milliseconds::since_1970)
            ),
        }
    }
}

impl Store {
    /// Stores requests. Retries while the connection is lost.
    pub(crate) async fn quarantine(&self, batch: &[Stranger]) -> Result<Vec<()>, StoreError> {
        self.pool.while_lost(move || self.try_quarantine(batch)).await
    }

    async fn try_quarantine(&self, batch: &[Stranger]) -> Result<Vec<()>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        for Stranger { document, reason, arrival } in batch {
            let sql = "INSERT INTO quarantine (received_at, reason, content_type, raw, arrival) \
                       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (arrival) DO NOTHING";
            let query = sqlx::query(sql).bind(writing.now).bind(reason).bind(document.content_type.as_deref());
            query
                .bind(document.bytes.to_vec())
                .bind(arrival)
                .execute(&mut *writing.connection)
                .await
                .map_err(failed)?;
        }
        writing.commit().await?;
        Ok(vec![(); batch.len()])
    }

    /// Number of bytes of quarantine and held events.
    pub(crate) async fn unwanted_bytes(&self) -> Result<u64, StoreError> {
        let counted = async {
            let (mut connection, _) = self.pool.read().await?;
            let sql = "SELECT CAST((SELECT COALESCE(SUM(LENGTH(raw) + COALESCE(LENGTH(content_type), 0)), 0) \
                                    FROM quarantine) \
                              + (SELECT COALESCE(SUM(LENGTH(raw)), 0) FROM events WHERE status = 'held') AS BIGINT) AS bytes";
            row::count(&sqlx::query(sql).fetch_one(&mut *connection).await?, "bytes")
        };
        counted.await.map_err(|error| self.pool.failed(error))
    }

    /// Up to `limit` of them with numbers above `after`, in their order: all, or those that pass a filter.
    pub(crate) async fn quarantined(
        &self,
        filter: Option<QuarantineFilter>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Quarantined>, StoreError> {
        let and = filter.map(|filter| format!("AND {}", filter.condition())).unwrap_or_default();
        let rows = self.select_quarantined(after, &format!("{and} ORDER BY id LIMIT {limit}")).await;
        rows.map_err(|error| self.pool.failed(error))
    }

    /// The newest of them, up to `limit`, in their order.
    pub(crate) async fn newest_quarantined(&self, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        let newest = self.select_quarantined(0, &format!("ORDER BY id DESC LIMIT {limit}")).await;
        let mut quarantined = newest.map_err(|error| self.pool.failed(error))?;
        quarantined.reverse();
        Ok(quarantined)
    }

    /// Up to `limit` of them with numbers below `before`, the newest first, with [`LONGEST_PAGE`] bytes of bodies at
    /// most, but for a single one; and true where there are more.
    pub(crate) async fn quarantined_before(
        &self,
        before: i64,
        limit: u32,
    ) -> Result<(Vec<Quarantined>, bool), StoreError> {
        let page = async {
            let (mut connection, _) = self.pool.read().await?;
            let sql = format!(
                "SELECT id, CAST(LENGTH(raw) AS BIGINT) AS bytes FROM quarantine WHERE id < $1 ORDER BY id DESC LIMIT {limit} + 1"
            );
            let rows = sqlx::query(AssertSqlSafe(sql)).bind(before).fetch_all(&mut *connection).await?;
            drop(connection);
            let (mut first, mut bytes, mut count) = (before, 0_u64, 0);
            for row in rows.iter().take(limit as usize) {
                bytes += row::count::<u64>(row, "bytes")?;
                if count > 0 && bytes > LONGEST_PAGE {
                    break;
                }
                (first, count) = (column(row, "id")?, count + 1);
            }
            let rest = format!("AND id < {before} ORDER BY id DESC LIMIT {count}");
            Ok((self.select_quarantined(first.saturating_sub(1), &rest).await?, rows.len() > count))
        };
        page.await.map_err(|error| self.pool.failed(error))
    }

    async fn select_quarantined(&self, after: i64, rest: &str) -> Result<Vec<Quarantined>, sqlx::Error> {
        let (mut connection, _) = self.pool.read().await?;
        let sql = format!("SELECT id, received_at, reason, content_type, raw FROM quarantine WHERE id > $1 {rest}");
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).fetch_all(&mut *connection).await?;
        let read = rows.iter().map(|row| {
            Ok(Quarantined {
                id: column(row, "id")?,
                received_at: time(row, "received_at")?,
                reason: column(row, "reason")?,
                content_type: column(row, "content_type")?,
                raw: column(row, "raw")?,
            })
        });
        read.collect()
    }
}
