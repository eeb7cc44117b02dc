//! Bookings that ended without a push: the only trace of a push that was lost.

use std::time::Duration;

use weifen_database::milliseconds;
use weifen_transport::StoreError;

use super::{Store, column, row, time};
use crate::MissingPush;

impl Store {
    /// Returns bookings that ended longer than `for_longer_than` ago without an event of their user and account. Only
    /// the newest for a user and account counts, which replaced the others. A booking with a state is also met by an
    /// event of another state, if that was paid and second follows are ignored.
    pub(crate) async fn missing(&self, for_longer_than: Duration) -> Result<Vec<MissingPush>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let (mut connection, now) = self.pool.read().await.map_err(failed)?;
        let sql = "SELECT auth_open_id, appid, device_key, booked_at, ends_at, reference, bid FROM bookings \
                   WHERE ends_at <= $1 AND NOT EXISTS (\
                       SELECT 1 FROM bookings AS newer \
                       WHERE newer.follow = bookings.follow AND newer.number > bookings.number) \
                   AND NOT EXISTS (\
                       SELECT 1 FROM events WHERE events.follow = bookings.follow \
                       AND (bookings.state_digest = $2 OR events.state_digest = bookings.state_digest \
                           OR (events.slot = $2 AND events.status <> 'held'))) \
                   ORDER BY ends_at";
        let until = now.saturating_sub(milliseconds::of(for_longer_than));
        let query = sqlx::query(sql).bind(until).bind(Vec::new());
        let rows = query.fetch_all(&mut *connection).await.map_err(failed)?;
        let read = rows.iter().map(|found| {
            Ok(MissingPush {
                auth_open_id: column(found, "auth_open_id")?,
                appid: column(found, "appid")?,
                key: column(found, "device_key")?,
                booked_at: time(found, "booked_at")?,
                ended_at: time(found, "ends_at")?,
                reference: row::reference(column(found, "reference")?),
                bid: row::bid(column(found, "bid")?),
            })
        });
        read.collect::<Result<_, _>>().map_err(failed)
    }

    /// Returns true if there is a booking that was not purged.
    pub(crate) async fn has_bookings(&self) -> Result<bool, StoreError> {
        let failed = |error| self.pool.failed(error);
        let (mut connection, _) = self.pool.read().await.map_err(failed)?;
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM bookings LIMIT 1) AS one";
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut *connection).await.map_err(failed)?;
        Ok(found > 0)
    }
}
