//! Noting which pushes are to be expected.

use weifen_fensi::Booking;
use weifen_fensi::transport::StoreError;

use super::Store;
use crate::identity::{Follow, StateDigest};
use crate::milliseconds;

/// A booking as it is kept. Of its state only a digest is.
#[derive(Debug)]
pub(crate) struct BookingRow {
    follow: Follow,
    key: String,
    state: StateDigest,
    lasts: i64,
    auth_open_id: String,
    appid: String,
}

/// A booking that PostgreSQL could not keep. No push could ever meet it: none has such a text.
#[derive(Debug, thiserror::Error)]
#[error("the booking's {0} holds a NUL character")]
pub(crate) struct HoldsNul(&'static str);

impl TryFrom<&Booking> for BookingRow {
    type Error = HoldsNul;

    fn try_from(booking: &Booking) -> Result<Self, HoldsNul> {
        for (name, text) in [("key", &booking.key), ("appid", &booking.appid)] {
            if text.contains('\0') {
                return Err(HoldsNul(name));
            }
        }
        let user = booking.auth_open_id.as_str();
        Ok(Self {
            follow: Follow::new(&booking.develop_appid, &booking.appid, user),
            key: booking.key.clone(),
            state: StateDigest::of(booking.state.as_deref()),
            lasts: milliseconds::of(booking.lasts),
            auth_open_id: user.to_owned(),
            appid: booking.appid.clone(),
        })
    }
}

impl Store {
    /// Keeps bookings for good. The same one again never ends sooner.
    pub(crate) async fn book(&self, batch: &[BookingRow]) -> Result<Vec<()>, StoreError> {
        let failed = |error| self.failed(error);
        // In one order everywhere, two servers wait for each other instead of deadlocking.
        let mut rows: Vec<_> = batch.iter().collect();
        rows.sort_unstable_by_key(|row| (row.follow, &row.key, row.state));
        let mut writing = self.write().await.map_err(failed)?;
        let now = writing.now;
        for booking in rows {
            let sql = "INSERT INTO bookings \
                           (follow, device_key, state_digest, booked_at, ends_at, auth_open_id, appid) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7) \
                       ON CONFLICT (follow, device_key, state_digest) DO UPDATE SET ends_at = \
                           CASE WHEN excluded.ends_at > bookings.ends_at THEN excluded.ends_at ELSE bookings.ends_at END";
            let query = sqlx::query(sql)
                .bind(booking.follow.bytes().to_vec())
                .bind(&booking.key)
                .bind(booking.state.bytes().to_vec())
                .bind(now)
                .bind(now.saturating_add(booking.lasts))
                .bind(&booking.auth_open_id)
                .bind(&booking.appid);
            query.execute(&mut *writing.connection).await.map_err(failed)?;
        }
        writing.commit().await?;
        Ok(vec![(); batch.len()])
    }
}
