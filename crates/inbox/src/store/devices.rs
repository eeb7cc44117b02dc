//! Devices of events that an older version stored: read from their pushes when they are first needed.

use serde::Serialize;
use sqlx::AssertSqlSafe;
use weifen_transport::StoreError;

use super::purge::TOGETHER;
use super::{Store, column, json, row};
use crate::Status;

#[derive(Serialize)]
struct Row {
    id: i64,
    device_key: String,
}

impl Store {
    /// Stores the device of each event of this status that has none. A push that can't be read gets an empty one.
    pub(super) async fn note_devices(&self, status: Status) -> Result<(), StoreError> {
        let failed = |error| self.pool.failed(error);
        let select = format!(
            "SELECT id, raw FROM events WHERE status = '{status}' AND device_key IS NULL AND raw IS NOT NULL AND id > $1 \
             ORDER BY id LIMIT {TOGETHER}"
        );
        let update = format!(
            "UPDATE events SET device_key = record.device_key FROM {} WHERE events.id = record.id",
            self.pool.dialect().records(&[("id", "BIGINT"), ("device_key", "TEXT")])
        );
        let mut after = 0;
        loop {
            let (mut connection, _) = self.pool.read().await.map_err(failed)?;
            let query = sqlx::query(AssertSqlSafe(select.as_str())).bind(after);
            let rows = query.fetch_all(&mut *connection).await.map_err(failed)?;
            drop(connection);
            let mut devices = Vec::with_capacity(rows.len());
            for row in &rows {
                let push = row::push(row).ok().flatten();
                devices.push(Row {
                    id: column(row, "id").map_err(failed)?,
                    device_key: push.map(|push| push.key).unwrap_or_default(),
                });
            }
            let Some(last) = devices.last() else { return Ok(()) };
            after = last.id;
            let mut writing = self.write_among_others().await.map_err(failed)?;
            let query = sqlx::query(AssertSqlSafe(update.as_str())).bind(json(&devices).map_err(failed)?);
            query.execute(&mut *writing.connection).await.map_err(failed)?;
            writing.commit().await?;
        }
    }
}
